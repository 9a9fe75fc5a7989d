import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer, startRedisServer } from '@darkroom/cli/redis';
import { Redis } from 'ioredis';

/** A Redis of the tests' own: append-only file on, its own port and folder. */
export type TestRedis = {
  url: string;
  /** stops it in its tracks, and lets it go on: it answers nothing meanwhile */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
};

/** A Redis whose process is the test's to kill. */
export type KillableRedis = TestRedis & {
  pid: number;
  port: number;
  /** folder of its data */
  dir: string;
  /** for the test's own orders; it waits while Redis is away */
  admin: Redis;
  /** ends it without a chance to write anything more; resolves when it is gone */
  kill(): Promise<void>;
  /** starts it again on the same port and folder, without what ran before it; resolves when its data is loaded */
  restart(args?: readonly string[]): Promise<void>;
};

const image = 'redis:7.4-alpine';

/** Whether a container engine answers here. */
export async function containersAnswer(): Promise<boolean> {
  return access('/var/run/docker.sock').then(
    () => true,
    () => false,
  );
}

/** Starts a Redis in a container where an engine answers, else as a process. */
export async function startTestRedis(): Promise<TestRedis> {
  return (await containersAnswer()) ? inContainer() : startRedisProcess();
}

/**
 * Starts a Redis as a process.
 * @param args  its further arguments; they win
 * @param before  shell commands that run in its process before it, such as `ulimit`
 */
export async function startRedisProcess(args: readonly string[] = [], before?: string): Promise<KillableRedis> {
  const found = await findRedisServer(process.env.PATH);
  if (!found) throw new Error('no redis-server; run `npx -y pnpm setup:redis`');
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-redis-'));
  const binary = before === undefined ? found : await throughShell(dir, found, before);
  let server = await startRedisServer({ binary, dir, args });
  const { url, port } = server;
  const admin = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on('error', () => undefined);
  return {
    url,
    port,
    dir,
    admin,
    get pid() {
      return server.pid;
    },
    pause: async () => server.kill('SIGSTOP'),
    resume: async () => server.kill('SIGCONT'),
    async kill() {
      server.kill('SIGKILL');
      await server.exited;
    },
    async restart(more = args) {
      await server.exited;
      server = await startRedisServer({ binary: found, dir, port, args: more });
    },
    async stop() {
      admin.disconnect();
      server.kill('SIGCONT');
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A program that runs commands of a shell and then becomes `binary`. */
async function throughShell(dir: string, binary: string, before: string): Promise<string> {
  const program = join(dir, 'redis-through-shell');
  await writeFile(program, `#!/bin/bash\n${before}\nexec ${binary} "$@"\n`, { mode: 0o755 });
  return program;
}

async function inContainer(): Promise<TestRedis> {
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer(image)
    .withCommand(['redis-server', '--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'])
    .withExposedPorts(6379)
    .start();
  const signal = async (name: string) => void (await container.exec(['kill', `-${name}`, '1']));
  return {
    pause: () => signal('STOP'),
    resume: () => signal('CONT'),
    url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
    stop: async () => void (await container.stop()),
  };
}
