import type { Redis } from 'ioredis';

/**
 * Sends the commands of one turn of the event loop in one write. ioredis writes each of them by itself, and with
 * hundreds of tasks at once the system calls were the largest single cost of a process. Nothing else changes: the order,
 * the answers and what happens when the connection is lost are those of single writes.
 */
export function writeTogether(client: Redis): void {
  client.on('connect', () => {
    const { stream } = client;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    let isHeld = false;
    const release = () => {
      isHeld = false;
      stream.uncork();
    };
    stream.write = (...args: unknown[]) => {
      if (!isHeld) {
        isHeld = true;
        stream.cork();
        setImmediate(release);
      }
      return write(...args);
    };
  });
}
