import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { s3Server } from '../packages/shared/src/images/storage/testing/s3Server.ts';
import { adminPassword, createWorld, keys, type World, type WorldOptions } from './world/createWorld.ts';
import { echoUpstream } from './world/echoUpstream.ts';
import { png, pngDataUri } from './world/pictures.ts';

const model = 'NanoBanana';
/** Stands in every prompt: whoever prints one prints this. */
const mark = 'canary-of-a-prompt-7f3a';
const s3Secret = `s3-${randomBytes(24).toString('base64url')}`;
const basic = Buffer.from(`admin:${adminPassword}`).toString('base64');

/** Everything in Redis, whatever its type, as text: names of keys too. */
async function dump({ records: { redis } }: World): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const read: Record<string, () => Promise<unknown>> = {
      string: () => redis.get(key),
      hash: () => redis.hgetall(key),
      list: () => redis.lrange(key, 0, -1),
      set: () => redis.smembers(key),
      zset: () => redis.zrange(key, '0', '-1'),
      stream: () => redis.xrange(key, '-', '+'),
    };
    // What has run out since has no type; any other type must be read.
    if (type !== 'none') all.set(key, JSON.stringify(await read[type]!()));
  }
  return all;
}

type Answers = { texts: string[]; send: Send };
type Send = (
  path: string,
  body?: string | object,
  headers?: Record<string, string>,
) => Promise<{ status: number; text: string }>;

/** Sends requests to a world, and keeps all that was answered. */
function answersOf(world: World): Answers {
  const texts: string[] = [];
  const bearer = { authorization: `Bearer ${keys.alice}` };
  return {
    texts,
    async send(path, body, headers = bearer) {
      const isJson = body !== undefined && !(body instanceof FormData);
      const response = await fetch(world.api.url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(isJson && { 'content-type': 'application/json' }), ...headers },
        body: typeof body === 'string' || !isJson ? (body as string | FormData) : JSON.stringify(body),
      });
      const text = await response.text();
      texts.push(JSON.stringify([...response.headers]), text);
      return { status: response.status, text };
    },
  };
}

function formOf(fields: Record<string, string | Blob>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

const failures = ['', 'fail=content_policy', 'fail=internal_error', 'submit=401 times=1', 'submit=500 times=1'];

/** Orders of every kind through every entry, good ones and bad ones. */
async function order(send: Send): Promise<void> {
  const gemini = `/v1beta/models/${model}:generateContent`;
  for (const directives of [...failures, 'shape=none']) {
    const prompt = `${mark} [[sim: ${directives}]]`;
    await send('/v1/images/generations', { model, prompt });
    await send(`${gemini}?key=${keys.alice}`, { contents: prompt }, {});
  }
  await send('/v1/images/generations', { model, prompt: mark, stream: true });
  await send('/v1/images/edits', formOf({ model, prompt: mark, image: new Blob([png]) }));
  await send('/v1/images/edits', formOf({ model, prompt: mark, mask: new Blob([png]) }));
  await send('/v1/images/tasks', { model, prompt: mark, image: pngDataUri, output_format: 'gif' });
  await send('/v1/images/tasks', { model, prompt: mark, [`${mark}x`]: 1, image: `https://u:${keys.bob}@example.com/` });
  await send('/v1/images/tasks', { model, prompt: mark }, { authorization: `Bearer ${keys.alice}x` });
  for (const path of ['/v1/images/tasks', '/v1/images/generations', gemini]) {
    await send(path, `{"model": "${model}", "prompt": "${mark}"`);
    await send(path, [mark]);
  }
  const lines = `${JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/images/tasks', body: { model, prompt: mark } })}\n${mark}`;
  const file = await send('/v1/files', formOf({ purpose: 'batch', file: new Blob([lines]) }));
  const batch = { input_file_id: JSON.parse(file.text).id, endpoint: '/v1/images/tasks', completion_window: '24h' };
  await send('/v1/batches', batch);
  await send('/v1/images/batches', { request: { model }, prompts: [mark, mark] });
  await send('/v1/models', undefined, { 'x-goog-api-key': keys.alice });
}

/** All that operators may look at: every page of the board, with every job and its log. */
async function look(send: Send): Promise<void> {
  const admin = { authorization: `Basic ${basic}` };
  await send('/admin/channels', undefined, { authorization: `Basic ${basic.slice(4)}` });
  for (const path of ['/admin/queues/', '/admin/channels', '/admin/orphans', '/admin/duplicates', '/metrics']) {
    expect((await send(path, undefined, admin)).status, path).toBe(200);
  }
  for (const path of ['/readyz', '/healthz', '/openapi.json', '/docs/']) await send(path);
  type Shown = { queues: { name: string; jobs: { id: string }[] }[] };
  const api = '/admin/queues/api/queues';
  const shown = async (query: string): Promise<Shown['queues']> =>
    (JSON.parse((await send(`${api}${query}`, undefined, admin)).text) as Shown).queues;
  let jobs = 0;
  for (const { name } of await shown('')) {
    const query = `?activeQueue=${encodeURIComponent(name)}&status=latest&page=1&jobsPerPage=100`;
    const queue = (await shown(query)).find((one) => one.name === name)!;
    for (const { id } of queue.jobs) {
      jobs += 1;
      const job = `${api}/${encodeURIComponent(name)}/${encodeURIComponent(id)}`;
      for (const path of [job, `${job}/logs`]) expect((await send(path, undefined, admin)).status, path).toBe(200);
    }
  }
  expect(jobs).toBeGreaterThan(10);
}

const secretsOf = (world: World) => ({
  alice: keys.alice,
  bob: keys.bob,
  upstream: keys.upstream,
  admin: adminPassword,
  'admin in base64': basic,
  signing: world.env.SIGNING_KEYS!.split(':')[1]!,
  's3 secret': s3Secret,
});

/** Holds that no place has a secret, no log or answer a prompt, and no key of Redis but a task's record. */
async function expectSilence(world: World, answers: string[], logs: string[]): Promise<void> {
  const redis = await dump(world);
  const places = { logs, answers, redis: [...redis].flat() };
  for (const [place, texts] of Object.entries(places)) {
    for (const [name, secret] of Object.entries(secretsOf(world))) {
      const found = texts.filter((text) => text.includes(secret));
      expect(found, `${name} in ${place}`).toEqual([]);
    }
  }
  expect(
    logs.filter((line) => line.includes(mark)),
    'a prompt in a log',
  ).toEqual([]);
  const holders = [...redis].filter(([key, value]) => `${key} ${value}`.includes(mark)).map(([key]) => key);
  expect(
    holders.filter((key) => !/:task:task_[0-9a-z]{26}$/.test(key)),
    'a prompt elsewhere in Redis',
  ).toEqual([]);
  expect(holders.length, 'the records hold what is to be made, so that the search does find').toBeGreaterThan(0);
}

async function startWorld(options: WorldOptions): Promise<World> {
  const env = { CIRCUIT_COOLDOWN_SECONDS: '0.1', LOG_LEVEL: 'trace', ...options.env };
  const world = await createWorld({ ...options, env });
  onTestFinished(() => world.close());
  return world;
}

test('no secret reaches a log, Redis, an answer or a metric, and no prompt a log, a job or an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-secrets-'));
  const s3 = await s3Server(folder, 'pictures');
  onTestFinished(() => rm(folder, { recursive: true }));
  const world = await startWorld({
    env: {
      STORAGE_S3_BUCKET: 'pictures',
      STORAGE_S3_ENDPOINT: s3.url,
      STORAGE_S3_ACCESS_KEY_ID: 'id-of-s3',
      STORAGE_S3_SECRET_ACCESS_KEY: s3Secret,
    },
  });
  const { texts, send } = answersOf(world);
  await order(send);
  // A worker that dies, and one that takes over, say more than others.
  const gate = world.upstream.gate('poll', { prompt: 'held' });
  const held = await world.client.submit({ model, prompt: `${mark} held` });
  await gate.arrived;
  const second = await world.startWorker();
  world.worker.kill('SIGKILL');
  gate.release();
  expect((await world.client.finished(held.task_id)).status).toBe('succeeded');
  await look(send);
  await s3.close();
  const unkept = await send('/v1/images/tasks', { model, prompt: mark, image: pngDataUri });
  expect(unkept.status).toBe(503);
  const logs = [world.api, world.worker, second].flatMap(({ lines }) => lines);
  expect(logs.length).toBeGreaterThan(20);
  await expectSilence(world, texts, logs);
  expect(
    texts.filter((text) => text.includes(`${mark} `) || text.includes(`"${mark}"`)),
    'a prompt in an answer',
  ).toEqual([]);
}, 90_000);

test('an upstream that repeats its key and the prompt in its refusal gives away neither', async () => {
  const upstream = await echoUpstream();
  onTestFinished(() => upstream.close());
  const world = await startWorld({ env: { UPSTREAM_BASE_URL: upstream.url } });
  const { texts, send } = answersOf(world);
  for (const status of [400, 401, 500]) {
    upstream.answer(status);
    const { text } = await send('/v1/images/tasks', { model, prompt: mark, deadline_seconds: 1 });
    const { task_id } = JSON.parse(text).data;
    expect((await world.client.finished(task_id)).status).toBe('failed');
    await send(`/v1/images/tasks/${task_id}`);
  }
  await send('/admin/channels', undefined, { authorization: `Basic ${basic}` });
  // The reason is kept all the same; whose key it was about is not.
  expect(texts.filter((text) => text.includes('"message":"no: Bearer [hidden] with '))).toHaveLength(1);
  await expectSilence(world, texts, [...world.api.lines, ...world.worker.lines]);
});
