import { expect, onTestFinished, test } from 'vitest';
import { adminPassword, createWorld, keys, type World } from './world/createWorld.ts';
import { pngDataUri } from './world/pictures.ts';

const model = 'NanoBanana';
/** Stands in every prompt: whoever prints one prints this. */
const mark = 'canary-of-a-prompt-7f3a';

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
    // A lock may have run out since.
    if (read[type]) all.set(key, JSON.stringify(await read[type]()));
  }
  return all;
}

/** Sends orders of every kind through every entry, good ones and bad ones, and returns all that was answered. */
async function exercise(world: World): Promise<string[]> {
  const answers: string[] = [];
  const bearer = { authorization: `Bearer ${keys.alice}` };
  const send = async (path: string, body?: unknown, headers: Record<string, string> = bearer) => {
    const response = await fetch(world.api.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    });
    const text = await response.text();
    answers.push(JSON.stringify([...response.headers]), text);
    return text;
  };
  const tasks = [
    '',
    'fail=content_policy',
    'fail=internal_error',
    'submit=401 times=1',
    'submit=500 times=1',
    'shape=none',
  ];
  for (const directives of tasks) {
    const prompt = `${mark} [[sim: ${directives}]]`;
    await send('/v1/images/generations', { model, prompt });
    await send(`/v1beta/models/${model}:generateContent?key=${keys.alice}`, { contents: prompt }, {});
  }
  await send('/v1/images/tasks', { model, prompt: mark, image: pngDataUri, output_format: 'gif' });
  await send('/v1/images/tasks', `{"model": "${model}", "prompt": "${mark}"`);
  await send('/v1/images/tasks', { model, prompt: mark, [`${mark}x`]: 1, image: `https://u:${keys.bob}@example.com/` });
  await send('/v1/images/tasks', { model, prompt: mark }, { authorization: `Bearer ${keys.alice}x` });
  await send('/v1/images/batches', { request: { model }, prompts: [mark, mark] });
  await send('/v1/models', undefined, { 'x-goog-api-key': keys.alice });
  const admin = { authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` };
  for (const path of ['/admin/queues/api/queues', '/admin/channels', '/admin/orphans', '/metrics']) {
    await send(path, undefined, admin);
  }
  return answers;
}

test('no secret reaches a log, Redis, an answer or a metric, and no prompt a log, a job or an error', async () => {
  const world = await createWorld({ env: { CIRCUIT_COOLDOWN_SECONDS: '0.1', LOG_LEVEL: 'trace' } });
  onTestFinished(() => world.close());
  const answers = await exercise(world);
  // A worker that dies, and one that takes over, say more than others.
  const gate = world.upstream.gate('poll', { prompt: 'held' });
  const held = await world.client.submit({ model, prompt: `${mark} held` });
  await gate.arrived;
  const second = await world.startWorker();
  world.worker.kill('SIGKILL');
  gate.release();
  expect((await world.client.finished(held.task_id)).status).toBe('succeeded');
  const signing = world.env.SIGNING_KEYS!.split(':')[1]!;
  const secrets = { alice: keys.alice, bob: keys.bob, upstream: keys.upstream, admin: adminPassword, signing };

  const logs = [world.api, world.worker, second].flatMap(({ lines }) => lines);
  const redis = await dump(world);
  expect(logs.length).toBeGreaterThan(20);
  expect(redis.size).toBeGreaterThan(20);
  const places = { logs, answers: answers, redis: [...redis].flat() };
  for (const [place, texts] of Object.entries(places)) {
    for (const [name, secret] of Object.entries(secrets)) {
      const found = texts.filter((text) => text.includes(secret));
      expect(found, `${name} in ${place}`).toEqual([]);
    }
  }
  expect(
    logs.filter((line) => line.includes(mark)),
    'a prompt in a log',
  ).toEqual([]);
  // A task's record holds what is to be made; nothing else does.
  const holders = [...redis].filter(([key, value]) => `${key} ${value}`.includes(mark)).map(([key]) => key);
  expect(
    holders.filter((key) => !/:task:task_[0-9a-z]{26}$/.test(key)),
    'a prompt elsewhere in Redis',
  ).toEqual([]);
  expect(
    answers.filter((text) => text.includes(`${mark} `) || text.includes(`"${mark}"`)),
    'a prompt in an answer',
  ).toEqual([]);
}, 60_000);
