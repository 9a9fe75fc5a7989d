import OpenAI from 'openai';
import { describe, expect } from 'vitest';
import { batchAnswers, endedBatch, inputFile, linesOf, openaiOf, startBatch } from './world/openaiBatches.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';

describe('the real client', () => {
  test('runs a batch from upload to output; a line that breaks a rule fails alone', async ({ world }) => {
    const bad = { custom_id: 'bad', body: { model: 'dall-e-3', prompt: 'x' } };
    const blocked = { custom_id: 'blocked', body: { model, prompt: 'x [[sim: fail=content_policy]]' } };
    const created = await startBatch(world, [...linesOf(20, 'all'), bad, blocked], { metadata: { team: 'fruit' } });
    expect(created).toMatchObject({ object: 'batch', status: 'validating', metadata: { team: 'fruit' } });
    const batch = await endedBatch(world, created.id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 22, completed: 20, failed: 2 } });
    const output = await batchAnswers(world, batch.output_file_id);
    expect(output.map(({ custom_id }) => custom_id)).toEqual(linesOf(20, 'all').map(({ custom_id }) => custom_id));
    for (const { response } of output) {
      expect((await fetch(response!.body.data[0]!.url)).status).toBe(200);
    }
    const errors = await batchAnswers(world, batch.error_file_id);
    expect(errors).toMatchObject([
      { custom_id: 'bad', response: { status_code: 404, body: { error: { code: 'model_not_found' } } } },
      { custom_id: 'blocked', response: { status_code: 400, body: { error: { code: 'content_policy_violation' } } } },
    ]);
    expect(batch).toMatchObject({ darkroom: { cost: '0.7800', images: 20, currency: 'USD' } });
  });

  test('lists files and batches, reads a file back, and removes it', async ({ world }) => {
    const client = openaiOf(world);
    const lines = linesOf(2, 'file');
    const file = await client.files.create({ file: await inputFile(lines), purpose: 'batch' });
    expect(file).toMatchObject({ object: 'file', purpose: 'batch', filename: 'batch.jsonl' });
    expect(await client.files.retrieve(file.id)).toMatchObject({ id: file.id, bytes: file.bytes });
    expect((await (await client.files.content(file.id)).text()).split('\n')).toHaveLength(2);
    const listed = [];
    for await (const one of client.files.list({ limit: 1 })) listed.push(one.id);
    expect(listed).toContain(file.id);
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toThrow(OpenAI.NotFoundError);
    const batches = [];
    for await (const one of client.batches.list({ limit: 1 })) batches.push(one.id);
    expect(batches.length).toBeGreaterThan(0);
  });
});

test('a file that breaks the rules fails as a whole, with its lines, before anything is submitted', async ({
  world,
}) => {
  const lines = [
    { custom_id: 'a', body: { model, prompt: 'never 1' } },
    { custom_id: 'a', body: { model, prompt: 'never 2' } },
    { custom_id: 'b', method: 'GET', body: {} },
    { custom_id: 'c', url: '/v1/chat/completions', body: {} },
  ];
  const batch = await endedBatch(world, (await startBatch(world, lines)).id);
  expect(batch.status).toBe('failed');
  expect(batch.errors!.data).toMatchObject([
    { line: 2, code: 'duplicate_custom_id' },
    { line: 3, param: 'method' },
    { line: 4, code: 'invalid_url' },
  ]);
  expect(world.upstream.submissions({ prompt: 'never 1' })).toEqual([]);
});

test('native lines come in the request itself, as a list or as one request and many prompts', async ({ world }) => {
  const json = { request: { model, n: 2 }, prompts: ['native one', 'native two'], max_cost: '1.00' };
  const made = await world.client.request<{ id: string }>('POST', '/v1/images/batches', { json });
  expect(made).toMatchObject({ status: 200, body: { object: 'batch', endpoint: '/v1/images/tasks' } });
  const batch = await endedBatch(world, made.body.id);
  expect(batch).toMatchObject({ status: 'completed', darkroom: { images: 4, cost: '0.1560', max_cost: '1.00' } });
  const [answer] = await batchAnswers(world, batch.output_file_id);
  expect(answer).toMatchObject({ response: { body: { code: 'success', data: { metadata: { result_count: 2 } } } } });
});

test('a dry run tells lines, pictures, cost and what would be refused, and makes nothing', async ({ world }) => {
  const json = {
    requests: [
      { model, prompt: 'dry', n: 3 },
      { model: 'none', prompt: 'x' },
    ],
    dry_run: true,
  };
  const { status, body } = await world.client.request('POST', '/v1/images/batches', { json });
  expect({ status, body }).toMatchObject({
    status: 200,
    body: {
      object: 'batch.estimate',
      lines: 2,
      images: 3,
      cost: '0.1170',
      refused: [{ line: 2, custom_id: 'request-1', code: 'model_not_enabled' }],
    },
  });
  expect(world.upstream.submissions({ prompt: 'dry' })).toEqual([]);
});

test('a budget is never passed, and the lines it does not bear are in the error file', async ({ world }) => {
  const created = await startBatch(world, linesOf(10, 'budget'), { max_cost: '0.2000' });
  const batch = await endedBatch(world, created.id);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 10, completed: 5, failed: 5 } });
  const errors = await batchAnswers(world, batch.error_file_id);
  expect(errors).toHaveLength(5);
  expect(errors.every(({ response, error }) => response === null && error!.code === 'budget_exceeded')).toBe(true);
});

test('a cancel takes back what is queued, lets what is in flight end, and writes out what is done', async ({
  world,
}) => {
  const gate = world.upstream.gate('poll', { prompt: 'cancel' });
  const created = await startBatch(world, linesOf(400, 'cancel'), { concurrency: 300 });
  await world.upstream.until(() => world.upstream.submissions({ prompt: 'cancel 0' }).length === 1);
  await gate.arrived;
  const canceling = await openaiOf(world).batches.cancel(created.id);
  expect(canceling.status).toBe('cancelling');
  gate.release();
  const batch = await endedBatch(world, created.id);
  expect(batch.status).toBe('cancelled');
  const [output, errors] = [
    await batchAnswers(world, batch.output_file_id),
    await batchAnswers(world, batch.error_file_id),
  ];
  expect(output.length).toBeGreaterThan(0);
  expect(output.length + errors.length).toBe(400);
  const codes = new Set(errors.map(({ error }) => error!.code));
  expect([...codes].every((code) => ['batch_cancelled', 'canceled'].includes(code))).toBe(true);
});

test('one key, and an SDK that sends by itself again, make one batch', async ({ world }) => {
  const json = { requests: [{ model, prompt: 'once' }] };
  const send = (headers: Record<string, string>) =>
    world.client.request<{ id: string }>('POST', '/v1/images/batches', { json, headers });
  const keyed = [await send({ 'idempotency-key': 'k' }), await send({ 'idempotency-key': 'k' })];
  expect(keyed[1]!.body.id).toBe(keyed[0]!.body.id);
  const counted = [await send({ 'x-stainless-retry-count': '0' }), await send({ 'x-stainless-retry-count': '1' })];
  expect(counted[1]!.body.id).toBe(counted[0]!.body.id);
  expect(counted[0]!.body.id).not.toBe(keyed[0]!.body.id);
  const other = { json: { requests: [{ model, prompt: 'other' }] }, headers: { 'idempotency-key': 'k' } };
  expect((await world.client.request('POST', '/v1/images/batches', other)).status).toBe(422);
});
