import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findRedisServer, type RedisServer, startRedisServer } from '@darkroom/cli/redis';
import { Redis } from 'ioredis';

const run = promisify(execFile);

/** One Redis of two, whose process is the storm's to kill. */
export type RedisNode = {
  port: number;
  admin: Redis;
  server(): RedisServer;
  /** ends it in its tracks */
  kill(): Promise<void>;
  /**
   * Starts it on its data again. Where its file is damaged in the middle, as Redis itself can leave it after a full disk, it
   * is cut off there, as its operator would.
   * @returns the second up to which the file was whole, where it was cut off
   */
  start(): Promise<number | undefined>;
  /** starts it again with what its file told up to a second, as a Redis that went back in time; it must be down */
  goBackTo(second: number): Promise<void>;
  /** lets its files grow by so many bytes and no more, as a full disk; undefined: without limit */
  limitDisk(more_bytes: number | undefined): Promise<void>;
};

export type RedisPair = {
  /** the one that is written to; `other` follows it */
  main: RedisNode;
  other: RedisNode;
  /** makes the other one the main, without what has not reached it, and the main one its follower */
  failOver(): Promise<void>;
  /** resolves when the follower has all that the main one has */
  inSync(): Promise<void>;
  close(): Promise<void>;
};

const args = ['--aof-timestamp-enabled', 'yes', '--repl-diskless-sync-delay', '0', '--repl-backlog-size', '32mb'];

async function startNode(binary: string, dir: string): Promise<RedisNode> {
  let server = await startRedisServer({ binary, dir, args });
  const { port } = server;
  const admin = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on('error', () => undefined);
  const limitDisk = async (more_bytes: number | undefined) => {
    const [size] = more_bytes === undefined ? [] : await aofSizes(dir);
    const limit = size === undefined ? 'unlimited' : String(size + more_bytes!);
    execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${limit}:unlimited`]);
  };
  return {
    port,
    admin,
    server: () => server,
    limitDisk,
    async kill() {
      server.kill('SIGKILL');
      await server.exited;
    },
    async start() {
      await server.exited;
      const again = async () => {
        server = await startRedisServer({ binary, dir, port, args });
      };
      try {
        await again();
        return undefined;
      } catch {
        const second = await cutDamage(join(dir, 'appendonlydir'));
        await again();
        return second;
      }
    },
    async goBackTo(second) {
      const folder = join(dir, 'appendonlydir');
      const manifest = (await readdir(folder)).find((name) => name.endsWith('.manifest'))!;
      await run('redis-check-aof', ['--truncate-to-timestamp', String(second), join(folder, manifest)]);
    },
  };
}

/** Cuts an append-only file off where it is damaged. @returns the last second that stands before it */
async function cutDamage(folder: string): Promise<number> {
  const names = await readdir(folder);
  const manifest = join(folder, names.find((name) => name.endsWith('.manifest'))!);
  const judged = await run('redis-check-aof', [manifest]).catch((error: { stdout: string }) => error);
  const [, offset = '0'] = /ok_up_to=(\d+)/.exec(judged.stdout) ?? [];
  const [last] = names
    .filter((name) => name.endsWith('.incr.aof'))
    .sort()
    .reverse();
  const whole = (await readFile(join(folder, last!))).subarray(0, Number(offset)).toString('latin1');
  await run('bash', ['-c', 'yes | redis-check-aof --fix "$0"', manifest]);
  return Number([...whole.matchAll(/^#TS:(\d+)/gm)].at(-1)?.[1] ?? 0);
}

/** Largest files of its append-only folder first, bytes. */
async function aofSizes(dir: string): Promise<number[]> {
  const { stdout } = await run('find', [join(dir, 'appendonlydir'), '-type', 'f', '-printf', '%s\n']);
  return stdout
    .trim()
    .split('\n')
    .map(Number)
    .sort((a, b) => b - a);
}

/** Starts a Redis and one that follows it. Both survive a full disk, as on a real one: the signal of a limit is ignored. */
export async function startRedisPair(): Promise<RedisPair> {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-redis-'));
  const found = await findRedisServer(process.env.PATH);
  if (!found) throw new Error('no redis-server; run `npx -y pnpm setup:redis`');
  const binary = join(dir, 'redis-server');
  await writeFile(binary, `#!/bin/bash\ntrap '' XFSZ\nexec ${found} "$@"\n`);
  await chmod(binary, 0o755);
  const follow = (node: RedisNode, leader: RedisNode) => node.admin.replicaof('127.0.0.1', leader.port);
  const pair: RedisPair = {
    main: await startNode(binary, join(dir, 'a')),
    other: await startNode(binary, join(dir, 'b')),
    async failOver() {
      const [was, next] = [pair.main, pair.other];
      await next.admin.replicaof('NO', 'ONE');
      [pair.main, pair.other] = [next, was];
      await follow(was, next);
    },
    async inSync() {
      for (;;) {
        const [leader, follower] = [await replication(pair.main), await replication(pair.other)];
        const up = follower.master_link_status === 'up' && follower.role === 'slave';
        if (up && Number(leader.master_repl_offset) - Number(follower.slave_repl_offset) < 10_000) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async close() {
      for (const node of [pair.main, pair.other]) {
        node.admin.disconnect();
        node.server().kill('SIGCONT');
        await node.kill();
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
  await follow(pair.other, pair.main);
  await pair.inSync();
  return pair;
}

async function replication({ admin }: RedisNode): Promise<Record<string, string>> {
  const lines = (await admin.info('replication')).split('\r\n').map((line) => line.split(':') as [string, string]);
  return Object.fromEntries(lines);
}
