import { expect } from 'vitest';
import { test } from './world/world.ts';

const model = 'NanoBanana';

test('a query may wait for the end, and hears of it at once', async ({ world }) => {
  const gate = world.upstream.gate('poll', { prompt: 'waited for' });
  const { task_id } = await world.client.submit({ model, prompt: 'waited for' });
  await gate.arrived;
  const held = world.client.request('GET', `/v1/images/tasks/${task_id}?wait=30`);
  gate.release();
  expect((await held).body.data.status).toBe('succeeded');
});

test('a query that waits in vain is answered with the task as it is', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'slow [[sim: duration=600000]]' });
  const { status, body } = await world.client.request('GET', `/v1/images/tasks/${task_id}?wait=0.2`);
  expect(status).toBe(200);
  expect(['queued', 'in_progress']).toContain(body.data.status);
  await world.client.cancel(task_id);
});

test('a create may wait for the end', async ({ world }) => {
  const json = { model, prompt: 'created and waited for' };
  const { status, body, headers } = await world.client.request('POST', '/v1/images/tasks', {
    json,
    headers: { prefer: 'wait=30' },
  });
  expect({ status, task: body.data.status }).toEqual({ status: 200, task: 'succeeded' });
  expect(headers.get('x-should-retry')).toBe('false');
});

test('a wait that is no number is refused', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'x' });
  expect((await world.client.request('GET', `/v1/images/tasks/${task_id}?wait=soon`)).status).toBe(400);
});

test('progress is shown as it grows and never falls', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'grows [[sim: duration=1500 progress=on]]' });
  const seen: number[] = [];
  for (;;) {
    const task = await world.client.get(task_id);
    seen.push(Number.parseInt(task.progress, 10));
    if (task.status === 'succeeded') break;
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(100);
  expect(seen.some((percent) => percent > 0 && percent < 100)).toBe(true);
});
