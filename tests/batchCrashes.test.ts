import { expect, onTestFinished, test } from 'vitest';
import { awaited } from './world/awaited.ts';
import { batchAnswers, endedBatch, linesOf, openaiOf, startBatch } from './world/openaiBatches.ts';
import { createWorld, type World } from './world/world.ts';

/** What the upstream does to a line: most are left alone, the others meet each fault a line can survive, and one it cannot. */
const faults = [
  'submit=429 retry_after=1 times=1',
  'submit=500 times=1',
  'submit=reset_before times=1',
  'submit=reset_after times=1',
  'poll=502 poll_times=2',
  'poll=reset poll_times=1',
  'download=500 download_times=1',
  'download=truncated download_times=1',
  'fail=internal_error fail_times=1',
  'fail=content_policy',
];

const faultOf = (i: number) => (i % 10 === 0 ? faults[(i / 10) % faults.length] : undefined);

async function ownWorld() {
  const env = { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6', SWEEP_INTERVAL_SECONDS: '1' };
  const world = await createWorld({ env, simulator: { behaviour: { duration: 'lognormal:150:0.5' } } });
  onTestFinished(() => world.close());
  return world;
}

/** Kills the worker in its tracks, and starts the next. */
async function replace(world: World, worker: World['worker']) {
  worker.kill('SIGKILL');
  await worker.exited;
  return world.startWorker();
}

const blockedOf = (count: number) =>
  Array.from({ length: count }, (_, i) => i).filter((i) => faultOf(i) === 'fail=content_policy').length;

/** Expects that every line was run, answered for once, and submitted as often as it says. */
async function reconciled(world: World, id: string, count: number, name: string) {
  const batch = await endedBatch(world, id, 60_000);
  const failed = blockedOf(count);
  expect(batch.request_counts).toEqual({ total: count, completed: count - failed, failed });
  const output = await batchAnswers(world, batch.output_file_id);
  const errors = await batchAnswers(world, batch.error_file_id);
  const answered = [...output, ...errors].map(({ custom_id }) => custom_id);
  expect(answered.toSorted()).toEqual(
    linesOf(count, name)
      .map(({ custom_id }) => custom_id)
      .toSorted(),
  );
  expect(errors.map(({ response }) => response?.body)).toEqual(
    errors.map(() => ({ error: expect.objectContaining({ code: 'content_policy_violation' }) })),
  );
  const accepted = new Map<string, number>();
  for (const { idempotencyKey, status } of world.upstream.submissions()) {
    const task = idempotencyKey?.replace(/-\d+-\d+$/, '') ?? '';
    if (status === 200) accepted.set(task, (accepted.get(task) ?? 0) + 1);
  }
  // A line has one task, whatever died when.
  expect(accepted.size).toBe(count);
  return { batch, output, errors, accepted };
}

const faulty = (count: number, name: string) =>
  linesOf(count, name, (i) => {
    const fault = faultOf(i);
    return fault ? { prompt: `${name} ${i} [[sim: ${fault}]]` } : {};
  });

test('1,000 lines by the real client, with faults, under workers killed while they expand: each line once', async () => {
  const world = await ownWorld();
  const count = 1000;
  const { id } = await startBatch(world, faulty(count, 'expanded'), { concurrency: 300 });
  let worker = world.worker;
  for (const submitted of [1, 250, 500]) {
    await world.upstream.until(() => world.upstream.submissions().length >= submitted);
    const { status, request_counts } = await openaiOf(world).batches.retrieve(id);
    expect({ status, total: request_counts?.total }).toEqual({ status: 'in_progress', total: count });
    worker = await replace(world, worker);
  }
  const { output } = await reconciled(world, id, count, 'expanded');
  const pictures = await Promise.all(output.slice(0, 20).map(({ response }) => fetch(response!.body.data[0]!.url)));
  expect(pictures.map(({ status }) => status)).toEqual(pictures.map(() => 200));
}, 120_000);

test('a worker killed while it writes the files: the next writes them whole, and the batch ends once', async () => {
  const world = await ownWorld();
  const count = 300;
  const gate = world.upstream.gate('poll', { prompt: 'written 299' });
  const { id } = await startBatch(world, faulty(count, 'written'));
  await gate.arrived;
  gate.release();
  const { redis, keys } = world.records;
  await awaited(async () => (await redis.hget(keys.batch(id), 'status')) === 'finalizing');
  world.worker.kill('SIGKILL');
  await world.worker.exited;
  expect((await openaiOf(world).batches.retrieve(id)).status).toBe('finalizing');
  await world.startWorker();
  const { batch } = await reconciled(world, id, count, 'written');
  expect(batch.status).toBe('completed');
}, 120_000);
