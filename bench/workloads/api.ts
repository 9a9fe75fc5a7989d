import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Goal, interleaved, type Section } from '../bench.ts';
import { authorization, startDarkroom } from '../contestants/darkroom.ts';
import { bars } from '../figures/plot.ts';
import { digits, median, spread } from '../figures/statistics.ts';
import { startProgram } from '../machine/startProgram.ts';
import { startRedis } from '../machine/startRedis.ts';
import { cpuSeconds } from '../usage/processUsage.ts';
import { addAll } from './drain.ts';
import { closedLoop, type Loaded, pacedClients } from './load.ts';

/** An endpoint under load: ours, or one that does nothing but add a job. */
type Endpoint = {
  url: string;
  pid: number;
  redisPid: number;
  add(prompt: string): Promise<string>;
  close(): Promise<void>;
};
type Side = { name: 'darkroom' | 'bare'; start(): Promise<Endpoint> };
type Measured = { creates: Loaded; create_cpu_ms: number; redis_cpu_ms: number; queries: Loaded; paced: Loaded };

const path = '/v1/images/tasks';

/** Nobody answers there: the API never asks it, and no worker runs. */
const noUpstream = 'http://127.0.0.1:9';

const sides: readonly Side[] = [
  {
    name: 'darkroom',
    async start() {
      const { apiUrl, apiPid, redisPid, add, close } = await startDarkroom({ upstreamUrl: noUpstream, inFlight: 200 });
      return { url: apiUrl, pid: apiPid!, redisPid, add, close };
    },
  },
  { name: 'bare', start: startBare },
];

/** How often the clients ask, and how many they are. */
const everyMs = 500;

/** Workload 3: what the API takes in and answers. */
export const api: Bench = {
  name: 'api',
  about: 'creates/s and queries/s of one API process, beside a bare endpoint',
  async run(plan) {
    const size = plan.quick
      ? { creates: 500, queries: 500, forMs: 1000, clients: 50 }
      : { creates: 20_000, queries: 20_000, forMs: 15_000, clients: 500 };
    const results = await interleaved(
      plan,
      sides,
      (side) => measure(side, size),
      ({ creates, queries }) => `${digits(creates.per_s)} creates/s, ${digits(queries.per_s)} queries/s`,
    );
    return [sectionOf(size.clients, results)];
  },
};

type Size = { creates: number; queries: number; forMs: number; clients: number };

async function measure(side: Side, { creates, queries, forMs, clients }: Size): Promise<Measured> {
  const endpoint = await side.start();
  try {
    const { url } = endpoint;
    const headers = { ...authorization, 'content-type': 'application/json' };
    const create = (i: number) => JSON.stringify({ model: 'NanoBanana', prompt: `a pear, number ${i}` });
    const cpu = () => ({ own: cpuSeconds([endpoint.pid]), redis: cpuSeconds([endpoint.redisPid]) });
    const before = cpu();
    const created = await closedLoop(url, creates, (i) => ({ method: 'POST', path, headers, body: create(i) }));
    const after = cpu();
    const ids = await addAll(endpoint, 100, 'asked about');
    const ask = (i: number) => ({
      method: 'GET' as const,
      path: `${path}/${ids[i % ids.length]}`,
      headers: authorization,
    });
    return {
      creates: created,
      create_cpu_ms: ((after.own - before.own) * 1000) / creates,
      redis_cpu_ms: ((after.redis - before.redis) * 1000) / creates,
      queries: await closedLoop(url, queries, ask),
      paced: await pacedClients(url, { clients, everyMs, forMs }, ask),
    };
  } finally {
    await endpoint.close();
  }
}

async function startBare(): Promise<Endpoint> {
  const redis = await startRedis();
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'));
  const program = fileURLToPath(new URL('../bare/main.ts', import.meta.url));
  const env = { STORE_URL: redis.url, NODE_ENV: 'production' };
  const bare = await startProgram({ args: [program], env, log: join(dir, 'bare.log'), hello: 'listening' });
  const url = String(JSON.parse(bare.hello).url);
  return {
    url,
    pid: bare.pid,
    redisPid: redis.pid,
    async add(prompt) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify({ prompt }) });
      return ((await answer.json()) as { data: { task_id: string } }).data.task_id;
    },
    async close() {
      await bare.stop();
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function sectionOf(clients: number, results: ReadonlyMap<string, Measured[]>): Section {
  const [ours, bare] = [results.get('darkroom')!, results.get('bare')!];
  const row = (what: string, read: (measured: Measured) => number) => [
    what,
    spread(ours.map(read)),
    spread(bare.map(read)),
    digits(median(ours.map(read)) / median(bare.map(read))),
  ];
  const rate = median(ours.map(({ creates }) => creates.per_s)) / median(bare.map(({ creates }) => creates.per_s));
  const goal: Goal = {
    what: 'creates/s of those of a bare endpoint',
    goal: 'at least 60 %',
    got: `${digits(rate * 100)} %`,
    met: rate >= 0.6,
  };
  const perSecond = new Map([...results].map(([name, rounds]) => [name, rounds.map(({ creates }) => creates.per_s)]));
  return {
    title: 'One API process, no worker',
    about:
      'The bare endpoint is Express and `queue.add`: no key, no record, no check, no idempotency, no log. 64 requests at once from another process on the same machine.',
    head: ['what', 'darkroom', 'bare endpoint', 'ours to bare'],
    rows: [
      row('creates/s', ({ creates }) => creates.per_s),
      row('create p50, ms', ({ creates }) => creates.p50_ms),
      row('create p99, ms', ({ creates }) => creates.p99_ms),
      row('process CPU ms/create', ({ create_cpu_ms }) => create_cpu_ms),
      row('Redis CPU ms/create', ({ redis_cpu_ms }) => redis_cpu_ms),
      row('queries/s', ({ queries }) => queries.per_s),
      row('query p99, ms', ({ queries }) => queries.p99_ms),
      row(`${clients} clients asking every ${everyMs} ms: queries/s`, ({ paced }) => paced.per_s),
      row('their p50, ms', ({ paced }) => paced.p50_ms),
      row('their p99, ms', ({ paced }) => paced.p99_ms),
    ],
    goals: [goal],
    notes: ['Held waits, the better way to hear of an end, are the bench `held-waits`.'],
    plots: [
      { file: 'api-creates.svg', title: 'Creates/s of one process', svg: bars('Creates/s of one process', perSecond) },
    ],
    raw: Object.fromEntries(results),
  };
}
