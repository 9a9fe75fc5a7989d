import { type KeyNames, type RedisClient, type Subscription, subscribeSharded } from '@darkroom/shared/redis';
import type { Recorder } from '@darkroom/shared/telemetry';

/** Tasks read at once after a lost subscription: thousands may be waited for, and others ask Redis too. */
const readAtOnce = 100;

type Waiter = { ended: () => void };

/**
 * Requests that wait for tasks to end. One subscription serves them all: a task's end is published in the script that
 * ends it. After a lost subscription everything pending is read again, since publishes are not kept.
 */
export class Waiters {
  #waiting = new Map<string, Set<Waiter>>();
  #hasEnded: (taskId: string) => Promise<boolean>;
  #subscription: Subscription | undefined;
  #closed = false;
  #metrics: Recorder<'api'>;
  #held = 0;

  /** @param hasEnded  whether a task has ended, by its record */
  constructor(hasEnded: (taskId: string) => Promise<boolean>, metrics: Recorder<'api'>) {
    this.#hasEnded = hasEnded;
    this.#metrics = metrics;
    this.#hold(0);
  }

  async listen(redis: RedisClient, keys: KeyNames): Promise<void> {
    this.#subscription = await subscribeSharded(redis, keys.endsOfAllShards(), {
      hear: (_channel, message) => this.#end(message.split(' ')[0]!),
      subscribed: () => void this.#readAgain(),
    });
  }

  /**
   * Waits until the task ends, the time is over, the signal aborts or the process closes. Which of them it was is for
   * the caller to read: it looks at the record anyway.
   */
  async wait(taskId: string, ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || this.#closed || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { ended: resolve };
    const others = this.#waiting.get(taskId) ?? new Set();
    this.#waiting.set(taskId, others.add(waiter));
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(), { once: true });
    this.#hold(1);
    try {
      // It may have ended before we stood in line.
      if (!(await this.#hasEnded(taskId))) await promise;
    } finally {
      this.#hold(-1);
      clearTimeout(timer);
      others.delete(waiter);
      if (others.size === 0) this.#waiting.delete(taskId);
    }
  }

  /** Lets every waiting request go, and those to come. */
  close(): void {
    this.#closed = true;
    this.#subscription?.close();
    for (const id of [...this.#waiting.keys()]) this.#end(id);
  }

  #hold(more: number): void {
    this.#held += more;
    this.#metrics.set('darkroom_waiting_requests', {}, this.#held);
  }

  #end(taskId: string): void {
    for (const waiter of this.#waiting.get(taskId) ?? []) waiter.ended();
  }

  async #readAgain(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    const look = async (id: string) => {
      if (await this.#hasEnded(id)) this.#end(id);
    };
    try {
      for (let i = 0; i < ids.length; i += readAtOnce) await Promise.all(ids.slice(i, i + readAtOnce).map(look));
    } catch {
      // Redis is away again: the next subscription reads again.
    }
  }
}
