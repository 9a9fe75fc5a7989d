import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Postgres } from '../machine/startPostgres.ts';
import { type Program, startProgram } from '../machine/startProgram.ts';
import { startRedis } from '../machine/startRedis.ts';
import { upstreamKey } from '../machine/startUpstream.ts';
import type { Peer } from '../peers/peer.ts';
import { postgresUsage, redisUsage, type StoreUsage } from '../usage/storeUsage.ts';
import { type Contestant, textbookPollMs } from './contestant.ts';

type Store = { url: string; usage(): Promise<StoreUsage>; stop(): Promise<void> };

/** @param postgres  one server for all; each run has a database of its own */
export function peerContestant(peer: Peer, postgres: () => Promise<Postgres>): Contestant {
  return {
    name: peer.name,
    how: peer.how,
    capless: peer.capless,
    async start({ upstreamUrl, inFlight, pollMs = textbookPollMs, redisArgs }) {
      const dir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'));
      const store = peer.store === 'redis' ? await openRedis(redisArgs) : await openDatabase(await postgres());
      const client = await peer.open(store.url);
      const env = {
        STORE_URL: store.url,
        UPSTREAM_URL: upstreamUrl,
        UPSTREAM_KEY: upstreamKey,
        STORAGE_DIR: dir,
        IN_FLIGHT: String(inFlight),
        POLL_MS: String(pollMs),
      };
      const workers: Program[] = [];
      let [asked, started] = [0, 0];
      return {
        add: (prompt) => client.add({ prompt }),
        async startWorker() {
          const log = join(dir, `worker-${started++}.log`);
          const worker = await startProgram({ args: [fileURLToPath(peer.program)], env, log, hello: 'ready' });
          workers.push(worker);
          return worker.pid;
        },
        finished() {
          asked += 1;
          return client.finished();
        },
        async hasPicture(id) {
          const file = await client.pictureOf(id);
          return file !== undefined && (await access(join(dir, file)).then(() => true));
        },
        workerPids: () => workers.map(({ pid }) => pid),
        apiPid: undefined,
        async store() {
          const usage = await store.usage();
          return { ...usage, commands: usage.commands - asked };
        },
        async close() {
          await Promise.all(workers.map((worker) => worker.stop()));
          await client.close();
          await store.stop();
          await rm(dir, { recursive: true, force: true });
        },
      };
    },
  };
}

async function openRedis(args: readonly string[] = []): Promise<Store> {
  const { url, pid, admin, stop } = await startRedis(args);
  return { url, stop, usage: () => redisUsage(admin, pid) };
}

let databases = 0;

async function openDatabase(postgres: Postgres): Promise<Store> {
  const name = `run_${++databases}`;
  const url = await postgres.createDatabase(name);
  const client = new pg.Client(url);
  await client.connect();
  return {
    url,
    usage: () => postgresUsage(client, postgres.pid),
    async stop() {
      await client.end();
      await postgres.dropDatabase(name);
    },
  };
}
