import { jobIdOf, type TaskId } from '@darkroom/shared/tasks';
import { expect } from 'vitest';
import { testIn } from './world/world.ts';

// One task in flight: the next one waits in the queue.
const test = testIn({ env: { UPSTREAM_MAX_IN_FLIGHT: '1' } });
const model = 'NanoBanana';

test('a task that waits in the queue is canceled at once and never submitted', async ({ world }) => {
  const first = await world.client.submit({ model, prompt: 'takes its time [[sim: duration=600000]]' });
  await world.upstream.until(() => world.upstream.submissions({ prompt: 'takes its time' }).length === 1);
  const waiting = await world.client.submit({ model, prompt: 'waits' });

  const { status, body } = await world.client.cancel(waiting.task_id);

  expect(status).toBe(200);
  expect(body.data).toMatchObject({ task_id: waiting.task_id, status: 'canceled', error: { code: 'canceled' } });
  expect(body.data.metadata.cost.actual).toBe('0.0000');
  expect(body.data.error?.message).toMatch(/nothing was charged/);
  await world.client.cancel(first.task_id);
  // The next task in line runs, so the canceled one was passed over.
  const next = await world.client.submit({ model, prompt: 'comes after' });
  expect((await world.client.finished(next.task_id)).status).toBe('succeeded');
  expect(world.upstream.submissions({ prompt: 'waits' })).toEqual([]);
});

test('canceling a task in flight stops its polls, frees its place, and says that it may still be charged', async ({
  world,
}) => {
  const { task_id } = await world.client.submit({ model, prompt: 'in flight [[sim: duration=600000]]' });
  await world.upstream.until(() => {
    const [submission] = world.upstream.submissions({ prompt: 'in flight' });
    return world.upstream.pollsOf(submission?.upstreamTaskId ?? '') > 0;
  });
  const { status, body } = await world.client.cancel(task_id);
  expect(status).toBe(200);
  expect(body.data).toMatchObject({ status: 'canceled', metadata: { cost: { actual: null } } });
  expect(body.data.error?.message).toMatch(/may still charge/);
  // Only one task may be in flight: that another one runs proves that the place is free and the job is over.
  const next = await world.client.submit({ model, prompt: 'takes the place' });
  expect((await world.client.finished(next.task_id)).status).toBe('succeeded');
  const [submission] = world.upstream.submissions({ prompt: 'in flight' });
  const polls = world.upstream.pollsOf(submission!.upstreamTaskId!);
  const after = await world.client.submit({ model, prompt: 'time passes' });
  await world.client.finished(after.task_id);
  expect(world.upstream.pollsOf(submission!.upstreamTaskId!)).toBe(polls);
  expect((await world.client.get(task_id)).status).toBe('canceled');
  expect(jobIdOf(task_id as TaskId, 0)).toBe(`${task_id}-0`);
});

test('a task canceled while its submission is on its way stays canceled, and the upstream task is told as an orphan', async ({
  world,
}) => {
  const gate = world.upstream.gate('submit_answer', { prompt: 'on its way' });
  const { task_id } = await world.client.submit({ model, prompt: 'on its way' });
  await gate.arrived;
  expect((await world.client.cancel(task_id)).status).toBe(200);
  gate.release();
  expect(await world.worker.logged('orphan upstream task')).toMatchObject({ task: task_id, channel: 'default' });
  expect((await world.client.get(task_id)).status).toBe('canceled');
});

test('a task that has ended cannot be canceled', async ({ world }) => {
  const { task_id } = await world.client.submit({ model, prompt: 'done soon' });
  const done = await world.client.finished(task_id);
  const { status, body } = await world.client.cancel(task_id);
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'task_already_finished' });
  expect((await world.client.get(task_id)).status).toBe(done.status);
});
