import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer, startRedisServer } from '@darkroom/cli/redis';

/** A Redis of the tests' own: append-only file on, its own port and folder. */
export type TestRedis = {
  url: string;
  /** stops it in its tracks, and lets it go on: it answers nothing meanwhile */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
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
  return (await containersAnswer()) ? inContainer() : asProcess();
}

async function asProcess(): Promise<TestRedis> {
  const binary = await findRedisServer(process.env.PATH);
  if (!binary) throw new Error('no redis-server; run `npx -y pnpm setup:redis`');
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-redis-'));
  const server = await startRedisServer({ binary, dir });
  return {
    url: server.url,
    pause: async () => server.kill('SIGSTOP'),
    resume: async () => server.kill('SIGCONT'),
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
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
