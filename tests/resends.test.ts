import OpenAI from 'openai';
import { expect } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { openLink } from './world/link.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';

/** OpenAI's own client on its defaults, which sends an order again by itself. */
const clientAt = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: keys.alice });

/** Tasks that were made of a prompt, and what was submitted for them. */
async function madeOf(world: World, prompt: string, label: string) {
  const { body } = await world.client.request<{ data: { items: { task_id: string }[] } }>(
    'GET',
    `/v1/images/tasks?label=case:${label}&limit=100`,
  );
  return { tasks: body.data.items.length, submissions: world.upstream.submissions({ prompt }).length };
}

/** OpenAI's types know no labels. */
const order = (prompt: string, label: string) =>
  ({ model, prompt, labels: { case: label } }) as { model: string; prompt: string };

test('an SDK whose wait is over is told the task and sends its order once', async ({ world }) => {
  const { url } = await world.startApi({ SYNC_WAIT_SECONDS: '0.2' });
  const prompt = 'too slow [[sim: duration=2000]]';
  const error = await clientAt(url)
    .images.generate(order(prompt, 'timeout'))
    .catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 504, code: 'still_running' });
  const id = error.headers.get('x-task-id');
  expect((await world.client.finished(id)).status).toBe('succeeded');
  expect(await madeOf(world, prompt, 'timeout')).toEqual({ tasks: 1, submissions: 1 });
});

test('an SDK whose connection breaks after its order was taken in gets that order’s pictures', async ({ world }) => {
  const link = await openLink(new URL(world.api.url).host);
  const prompt = 'cut off';
  const gate = world.upstream.gate('poll', { prompt });
  const answer = clientAt(`http://${link.address}`).images.generate(order(prompt, 'cut')).withResponse();
  await gate.arrived;
  link.cut();
  gate.release();
  const { data, response } = await answer;
  expect(data.data).toHaveLength(1);
  expect(response.headers.get('idempotent-replayed')).toBe('true');
  expect(await madeOf(world, prompt, 'cut')).toEqual({ tasks: 1, submissions: 1 });
  await link.close();
});

test('an SDK that gives up waiting and sends again finds its one order, and gets its pictures', async ({ world }) => {
  const prompt = 'impatient [[sim: duration=1500]]';
  const client = new OpenAI({ baseURL: `${world.api.url}/v1`, apiKey: keys.alice, timeout: 900 });
  const { data } = await client.images.generate(order(prompt, 'impatient'));
  expect(data).toHaveLength(1);
  expect(await madeOf(world, prompt, 'impatient')).toEqual({ tasks: 1, submissions: 1 });
});

test('an SDK whose API process is killed while it waits gets its pictures from another one', async ({ world }) => {
  const doomed = await world.startApi();
  const link = await openLink(new URL(doomed.url).host);
  const prompt = 'killed in mid-wait';
  const gate = world.upstream.gate('poll', { prompt });
  const answer = clientAt(`http://${link.address}`).images.generate(order(prompt, 'killed'));
  await gate.arrived;
  link.leadTo(new URL(world.api.url).host);
  doomed.kill('SIGKILL');
  await doomed.exited;
  gate.release();
  expect((await answer).data).toHaveLength(1);
  expect(await madeOf(world, prompt, 'killed')).toEqual({ tasks: 1, submissions: 1 });
  await link.close();
});

test('two wanted orders that are equal stay two, also when both are sent again', async ({ world }) => {
  const link = await openLink(new URL(world.api.url).host);
  const prompt = 'wanted twice';
  const gates = [1, 2].map(() => world.upstream.gate('poll', { prompt, times: 1 }));
  const client = clientAt(`http://${link.address}`);
  const answers = [1, 2].map(() => client.images.generate(order(prompt, 'twice')).withResponse());
  await Promise.all(gates.map((gate) => gate.arrived));
  link.cut();
  for (const gate of gates) gate.release();
  const ids = (await Promise.all(answers)).map(({ response }) => response.headers.get('x-task-id'));
  expect(new Set(ids).size).toBe(2);
  expect(await madeOf(world, prompt, 'twice')).toEqual({ tasks: 2, submissions: 2 });
  await link.close();
});

test('an order that is sent again under an Idempotency-Key meets the task of that key', async ({ world }) => {
  const json = order('keyed', 'keyed');
  const send = (count: string) =>
    world.client.request('POST', '/v1/images/tasks', {
      json,
      headers: { 'idempotency-key': 'once', 'x-stainless-retry-count': count },
    });
  const [first, again] = [await send('0'), await send('1')];
  expect(again.body.data.task_id).toBe(first.body.data.task_id);
});
