import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findRedisServer, startRedisServer } from '@darkroom/cli/redis';
import { Redis } from 'ioredis';
import type { TestRedis } from './redis.ts';

const run = promisify(execFile);
const masters = 3;

/** Three redis-server processes as one cluster of masters. */
export async function startTestCluster(): Promise<Pick<TestRedis, 'url' | 'stop'>> {
  const binary = await findRedisServer(process.env.PATH);
  if (!binary) throw new Error('no redis-server');
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-cluster-'));
  const servers = await Promise.all(
    Array.from({ length: masters }, (_, i) =>
      startRedisServer({
        binary,
        dir: join(dir, String(i)),
        args: ['--cluster-enabled', 'yes', '--cluster-port', '0'],
      }),
    ),
  );
  const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-replicas', '0', '--cluster-yes']);
  await Promise.all(servers.map(({ url }) => clusterIsWhole(url)));
  return {
    url: servers.map(({ url }) => url).join(','),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Resolves when a node says that all slots are served. Nodes gossip; there is no event to wait for. */
async function clusterIsWhole(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for (;;) {
      const info = (await redis.cluster('INFO')) as string;
      if (info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384')) return;
      await redis.blpop('{nothing}', 0.05).catch(() => undefined);
    }
  } finally {
    redis.disconnect();
  }
}
