import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MetricKind, metrics, processMetrics } from '@darkroom/shared/telemetry';
import { expect, onTestFinished, test as plainTest } from 'vitest';
import { awaited } from './world/awaited.ts';
import { startTestRedis } from './world/redis.ts';
import { type Sample, type Scrape, scrape } from './world/scrape.ts';
import { adminPassword, createWorld, testIn, type World } from './world/world.ts';

const test = testIn({ env: { METRICS_PORT: '0' } });
const channel = 'default';
const model = 'NanoBanana';
const price = 0.039;

const submitAs = (world: World, what: string, directives = '', more: object = {}, headers = {}) =>
  world.client.submit({ model, prompt: `${what} [[sim: ${directives}]]`, ...more }, headers);

/** Orders one of each kind and waits for their ends. @returns bytes of the pictures that were stored */
async function knownRun(world: World): Promise<number> {
  const repeated = { 'idempotency-key': 'metrics-1' };
  const ordered = await Promise.all([
    submitAs(world, 'plain', '', {}, repeated),
    submitAs(world, 'fetched twice', 'download=404 download_times=1', { priority: 'batch' }),
    submitAs(world, 'answer lost', 'submit=reset_after times=1'),
    submitAs(world, 'not allowed', 'fail=content_policy'),
  ]);
  await submitAs(world, 'plain', '', {}, repeated);
  const slow = await submitAs(world, 'slow', 'duration=60000');
  await awaited(async () => (await world.client.get(slow.task_id)).status === 'in_progress');
  await world.client.cancel(slow.task_id);
  const ended = await Promise.all(ordered.map(({ task_id }) => world.client.finished(task_id)));
  return ended.flatMap(({ metadata }) => metadata.images).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The scrapes of both processes once the worker is done with everything. */
async function settled(world: World, finished: number): Promise<{ api: Scrape; worker: Scrape }> {
  let worker = await scrape(world.worker);
  await awaited(async () => {
    worker = await scrape(world.worker);
    const ends = worker.samples.filter(({ name }) => name === 'darkroom_tasks_finished_total');
    const idle = worker.value('darkroom_jobs_in_flight', { channel }) === 0;
    return idle && ends.reduce((sum, { value }) => sum + value, 0) === finished;
  });
  return { api: await scrape(world.api), worker };
}

/** The names in the first column of the tables of `docs/metrics.md`, with their types. */
function documented(): Record<string, string> {
  const page = readFileSync(fileURLToPath(new URL('../docs/metrics.md', import.meta.url)), 'utf8');
  const rows = [...page.matchAll(/^\| `(darkroom_\w+)` +\| (\w+) /gm)];
  return Object.fromEntries(rows.map(([, name, type]) => [name, type]));
}

const table: Record<string, Pick<MetricKind, 'labels'>> = { ...metrics, ...processMetrics };

/** What a label may say where the table does not list it. */
const free: Record<string, RegExp> = {
  channel: /^default$/,
  reason: /^[a-z_]+$/,
  route: /^(none|(\/(v1|[a-z:_]+))+)$/,
};

/** Whether every label of a sample says nothing but what the table allows. */
function isWithinTable({ name, labels }: Sample): boolean {
  const kind = table[name] ?? table[name.replace(/_(bucket|sum|count)$/, '')];
  return Object.entries(labels).every(([label, value]) => {
    if (label === 'le') return true;
    const listed = kind?.labels[label];
    return Array.isArray(listed) ? listed.includes(value) : (free[label]?.test(value) ?? false);
  });
}

test('what happened is counted, what is documented is exposed, and no label says who or what', async ({ world }) => {
  const bytes = await knownRun(world);
  const { api, worker } = await settled(world, 4);

  expect({ ...api.families, ...worker.families }).toEqual(documented());
  const exposed = [...api.samples, ...worker.samples];
  expect(exposed.filter((sample) => !isWithinTable(sample))).toEqual([]);
  const secrets = Object.values(world.env)
    .flatMap((value) => value.split(/[,:]/))
    .filter((value) => value.length > 20);
  expect(secrets).toContain(adminPassword);
  expect(secrets.filter((secret) => (api.text + worker.text).includes(secret))).toEqual([]);
  expect(api.text + worker.text).not.toMatch(/task_[0-9a-z]{26}|ut_|sk-|plain|not allowed/);

  expect(api.value('darkroom_tasks_accepted_total', { dialect: 'native', priority: 'interactive' })).toBe(4);
  expect(api.value('darkroom_tasks_accepted_total', { dialect: 'native', priority: 'batch' })).toBe(1);
  const posts = { route: '/v1/images/tasks', method: 'POST', status: '2xx' };
  expect(api.value('darkroom_http_request_duration_seconds_count', posts)).toBe(6);
  expect(api.value('darkroom_waiting_requests')).toBe(0);
  expect(api.value('darkroom_tasks_finished_total', { status: 'canceled', reason: 'canceled' })).toBe(1);
  // API and worker both look for orphans of a canceled task; whoever comes first lists and counts it.
  const orphans = (name: 'darkroom_orphans_total' | 'darkroom_orphans_cost_total') =>
    (api.value(name, { channel }) ?? 0) + (worker.value(name, { channel }) ?? 0);
  expect(orphans('darkroom_orphans_total')).toBe(1);
  expect(orphans('darkroom_orphans_cost_total')).toBeCloseTo(price);

  expect(worker.value('darkroom_tasks_finished_total', { status: 'succeeded', reason: 'none' })).toBe(3);
  expect(worker.value('darkroom_tasks_finished_total', { status: 'failed', reason: 'content_policy' })).toBe(1);
  for (const phase of ['queued', 'upstream', 'storing', 'total']) {
    expect(worker.value('darkroom_task_phase_duration_seconds_count', { channel, phase })).toBe(3);
  }
  const submissions = (outcome: string) => worker.value('darkroom_submissions_total', { channel, outcome });
  expect([submissions('accepted'), submissions('unknown'), submissions('refused')]).toEqual([5, 1, 0]);
  expect(worker.value('darkroom_possible_duplicates_total', { channel })).toBe(1);
  expect(worker.value('darkroom_possible_duplicates_cost_total', { channel })).toBeCloseTo(price);
  expect(worker.value('darkroom_polls_total', { channel, outcome: 'failed' })).toBe(1);
  expect(worker.value('darkroom_notice_delay_seconds_count', { channel })).toBe(4);
  const downloads = (outcome: string) => worker.value('darkroom_downloads_total', { channel, outcome });
  expect([downloads('stored'), downloads('gone'), downloads('unreadable')]).toEqual([3, 1, 0]);
  expect(worker.value('darkroom_download_bytes_total', { channel })).toBe(bytes);
  expect(worker.value('darkroom_leases_lost_total', { channel })).toBe(0);
});

test('the API serves /metrics behind the admin credential, and without a password not at all', async ({ world }) => {
  const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
  const answer = await fetch(`${world.api.url}/metrics`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; ?version=0\.0\.4/);
  expect((await fetch(`${world.api.url}/metrics`)).status).toBe(401);
  const open = await world.startApi({ ADMIN_PASSWORD: undefined });
  expect((await fetch(`${open.url}/metrics`, { headers: { authorization } })).status).toBe(404);
  expect((await scrape(open)).value('darkroom_redis_up')).toBe(1);
});

test('the port for metrics serves metrics and health, and nothing else', async ({ world }) => {
  for (const process of [world.api, world.worker]) {
    const { url } = await process.logged('metrics are served');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    for (const path of ['/', '/v1/images/tasks', '/admin/channels', '/readyz', '/metrics/x']) {
      expect((await fetch(url + path)).status).toBe(404);
    }
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  }
});

const narrow = testIn({ env: { METRICS_PORT: '0', UPSTREAM_MAX_IN_FLIGHT: '1' } });
narrow('a queue shows its depth, how long its oldest job has waited, and that it is paused', async ({ world }) => {
  const running = await submitAs(world, 'running', 'duration=60000');
  await awaited(async () => (await world.client.get(running.task_id)).status === 'in_progress');
  const waiting = await submitAs(world, 'waiting');
  const batch = await submitAs(world, 'waiting behind', '', { priority: 'batch' });
  const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`;
  const paused = `${world.api.url}/admin/channels/${channel}/pause`;
  expect((await fetch(paused, { method: 'POST', headers: { authorization } })).status).toBe(200);
  let api = await scrape(world.api);
  const depth = (state: string) => api.value('darkroom_queue_depth', { channel, state });
  await awaited(async () => {
    api = await scrape(world.api);
    return api.value('darkroom_circuit_state', { channel }) === 3;
  });
  expect([depth('waiting'), depth('active'), depth('delayed')]).toEqual([2, 1, 0]);
  const age = api.value('darkroom_queue_oldest_waiting_seconds', { channel });
  const since = (Date.now() - Date.parse(waiting.metadata.timings.created_at)) / 1000;
  expect(age).toBeGreaterThan(0);
  expect(age).toBeLessThanOrEqual(since);
  for (const { task_id } of [waiting, batch, running]) await world.client.cancel(task_id);
  await awaited(async () => {
    api = await scrape(world.api);
    return depth('waiting') === 0;
  });
  expect(api.value('darkroom_queue_oldest_waiting_seconds', { channel })).toBe(0);
});

plainTest('while Redis is away a scrape is answered, and says so instead of showing old figures', async () => {
  const redis = await startTestRedis();
  const world = await createWorld({ redis, env: { METRICS_PORT: '0' } });
  onTestFinished(async () => {
    await world.close();
    await redis.stop();
  });
  await awaited(async () => (await scrape(world.api)).value('darkroom_redis_up') === 1);
  await redis.pause();
  let api = await scrape(world.api);
  await awaited(async () => {
    const began = performance.now();
    api = await scrape(world.api);
    expect(performance.now() - began).toBeLessThan(2000);
    return api.value('darkroom_redis_up') === 0;
  });
  expect(api.samples.filter(({ name }) => /_queue_|_circuit_|_headroom_/.test(name))).toEqual([]);
  expect(api.value('darkroom_process_resident_memory_bytes' as never)).toBeGreaterThan(0);
  await redis.resume();
  await awaited(async () => (await scrape(world.api)).value('darkroom_circuit_state', { channel }) === 0);
});

const hasty = testIn({ env: { METRICS_PORT: '0', LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.5' } });
hasty('a frozen worker counts what it lost once it wakes, its successor what it took over', async ({ world }) => {
  const { task_id } = await submitAs(world, 'slow', 'duration=60000');
  await awaited(async () => (await world.client.get(task_id)).status === 'in_progress');
  const successor = await world.startWorker();
  world.worker.kill('SIGSTOP');
  await awaited(async () => (await scrape(successor)).value('darkroom_jobs_in_flight', { channel }) === 1);
  expect((await scrape(successor)).value('darkroom_jobs_taken_over_total', { channel })).toBe(1);
  world.worker.kill('SIGCONT');
  await awaited(async () => (await scrape(world.worker)).value('darkroom_leases_lost_total', { channel }) === 1);
  await world.client.cancel(task_id);
  await awaited(async () => (await scrape(successor)).value('darkroom_jobs_in_flight', { channel }) === 0);
  expect((await scrape(successor)).value('darkroom_submissions_total', { channel, outcome: 'accepted' })).toBe(0);
});
