import { randomBytes } from 'node:crypto';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@darkroom/shared/redis';
import type { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import type { KillableRedis } from '../../tests/world/redis.ts';
import { type Program, startProgram } from '../machine/startProgram.ts';
import { startRedis } from '../machine/startRedis.ts';
import { upstreamKey } from '../machine/startUpstream.ts';
import { redisUsage } from '../usage/storeUsage.ts';
import type { Contestant, Running, Setting } from './contestant.ts';

/** Darkroom with what else can be asked of it. */
export type RunningDarkroom = Running & {
  /** @param nodeOptions  of this worker's Node */
  startWorker(nodeOptions?: string): Promise<number>;
  redis: Redis;
  redisPid: number;
  apiUrl: string;
  storageDir: string;
  queuePrefix: string;
  /** where each worker serves its metrics */
  metricsUrls(): readonly string[];
};

export const clientKey = 'sk-client-of-the-bench-73a0be41d95f';
export const authorization = { authorization: `Bearer ${clientKey}` };
const queuePrefix = 'bench';

/** Requests at once: as many clients as one process serves well. */
const connections = 64;

const programOf = (app: string) => fileURLToPath(new URL(`../../apps/${app}/src/main.ts`, import.meta.url));

/** Starts Redis and one API process; the settings are the product's defaults but for what a run sets. */
export async function startDarkroom(setting: Setting): Promise<RunningDarkroom> {
  const server = await startRedis(setting.redisArgs);
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'));
  const env = { ...settingsOf(server.url, dir, setting), ...setting.env };
  const api = await startProgram({ args: [programOf('api')], env, log: join(dir, 'api.log'), hello: '"listening"' });
  const apiUrl = String(JSON.parse(api.hello).url);
  const workers: Program[] = [];
  const metrics: string[] = [];
  let started = 0;
  const clients = new Agent({ connections });
  const count = finishedCount(server.admin);
  return {
    redis: server.admin,
    redisPid: server.pid,
    apiUrl,
    storageDir: dir,
    queuePrefix,
    metricsUrls: () => metrics,
    add: (prompt) => create(clients, apiUrl, prompt),
    async startWorker(nodeOptions?: string) {
      const ownEnv = nodeOptions === undefined ? env : { ...env, NODE_OPTIONS: nodeOptions };
      const log = join(dir, `worker-${started++}.log`);
      const worker = await startProgram({ args: [programOf('worker')], env: ownEnv, log, hello: '"ready"' });
      workers.push(worker);
      metrics.push(await metricsUrlIn(log));
      return worker.pid;
    },
    finished: count.read,
    async hasPicture(id) {
      const { body } = await request(`${apiUrl}/v1/images/tasks/${id}`, {
        headers: authorization,
        dispatcher: clients,
      });
      const { data } = (await body.json()) as { data: { status: string } };
      return data.status === 'succeeded' && (await access(join(dir, 'storage', id, '0.png')).then(() => true));
    },
    workerPids: () => workers.map(({ pid }) => pid),
    apiPid: api.pid,
    async store() {
      const usage = await redisUsage(server.admin, server.pid);
      return { ...usage, commands: usage.commands - count.commands() };
    },
    async close() {
      await Promise.all([...workers, api].map((process) => process.stop()));
      await clients.destroy();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export const darkroom: Contestant = {
  name: 'darkroom',
  how: 'the job stays active and sleeps in memory; the pause before a query is the schedule of its settings',
  start: startDarkroom,
};

function settingsOf(redisUrl: string, dir: string, { upstreamUrl, inFlight, pollMs }: Setting): Record<string, string> {
  return {
    PORT: '0',
    METRICS_PORT: '0',
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: queuePrefix,
    API_KEYS: `bench:${clientKey}`,
    SIGNING_KEYS: `bench:${randomBytes(24).toString('hex')}`,
    STORAGE_DIR: join(dir, 'storage'),
    UPSTREAM_BASE_URL: upstreamUrl,
    UPSTREAM_API_KEY: upstreamKey,
    UPSTREAM_SUBMITS_PER_MINUTE: '0',
    UPSTREAM_MAX_IN_FLIGHT: String(inFlight),
    WORKER_CONCURRENCY: String(Math.min(10_000, inFlight)),
    UPSTREAM_RESULT_ALLOW_HTTP: 'true',
    UPSTREAM_RESULT_ALLOWED_CIDRS: '127.0.0.0/8',
    DRAIN_SECONDS: '0',
    ...(pollMs === undefined ? {} : { POLL_MIN_SECONDS: seconds(pollMs), POLL_MAX_SECONDS: seconds(pollMs) }),
  };
}

const seconds = (ms: number) => String(ms / 1000);

async function create(dispatcher: Agent, apiUrl: string, prompt: string): Promise<string> {
  const { statusCode, body } = await request(`${apiUrl}/v1/images/tasks`, {
    method: 'POST',
    headers: { ...authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'NanoBanana', prompt }),
    dispatcher,
  });
  const answer = (await body.json()) as { data: { task_id: string } };
  if (statusCode !== 200) throw new Error(`create answered ${statusCode}: ${JSON.stringify(answer)}`);
  return answer.data.task_id;
}

async function metricsUrlIn(log: string): Promise<string> {
  const line = (await readFile(log, 'utf8')).split('\n').find((one) => one.includes('metrics are served'))!;
  return `${JSON.parse(line).url}/metrics`;
}

/** Counts tasks that have ended and whose manifest is kept, and its own commands. */
function finishedCount(redis: KillableRedis['admin']) {
  const shards = keyNames(queuePrefix).shards();
  let commands = 0;
  return {
    commands: () => commands,
    async read(): Promise<number> {
      commands += shards.length;
      const answers = await redis.pipeline(shards.map(({ kept }) => ['zcard', kept])).exec();
      return answers!.reduce((sum, [, count]) => sum + Number(count), 0);
    },
  };
}
