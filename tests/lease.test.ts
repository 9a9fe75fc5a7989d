import { expect, onTestFinished, test } from 'vitest';
import { createWorld, type World } from './world/world.ts';

const model = 'NanoBanana';
const lockSeconds = 2;
const env = { LOCK_SECONDS: String(lockSeconds), STALLED_CHECK_SECONDS: '0.6' };

async function ownWorld(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld({ ...options, env: { ...env, ...options.env } });
  onTestFinished(() => world.close());
  return world;
}

/** Stops the first worker in its tracks until another one takes over its task. */
async function freezeUntilTakenOver(world: World) {
  const second = await world.startWorker();
  world.worker.kill('SIGSTOP');
  await second.logged('job of a dead worker taken over');
  return {
    second,
    /** lets it go on, and tells how many ms it took to drop the task */
    async thaw() {
      const woken = Date.now();
      world.worker.kill('SIGCONT');
      await Promise.race(['lease_lost', 'claim_lost'].map((why) => world.worker.logged(`stopped: ${why}`)));
      return Date.now() - woken;
    },
  };
}

test('a worker frozen while it polls is gone within 2 s of waking and has written nothing', async () => {
  const world = await ownWorld();
  const { task_id } = await world.client.submit({ model, prompt: 'frozen [[sim: duration=15000]]' });
  await world.upstream.until(() => world.upstream.tasks().some((task) => world.upstream.pollsOf(task.id) > 0));
  const { thaw } = await freezeUntilTakenOver(world);
  expect(await thaw()).toBeLessThan(2000);
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  expect(world.upstream.submissions()).toHaveLength(1);
});

test('a worker frozen before its POST sends none when it wakes', async () => {
  const world = await ownWorld();
  // The first task makes the channel wait, so that the second stands just before its POST.
  const held = await world.client.submit({
    model,
    prompt: 'holds the channel [[sim: submit=429 retry_after=7 times=1]]',
  });
  await world.upstream.until(() => world.upstream.submissions().some((s) => s.status === 429));
  const waiting = await world.client.submit({ model, prompt: 'waits before its POST' });
  const { second, thaw } = await freezeUntilTakenOver(world);
  expect(await thaw()).toBeLessThan(2000);
  for (const { task_id } of [held, waiting]) {
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  }
  expect(world.upstream.submissions({ prompt: 'waits before' })).toHaveLength(1);
  expect(second.logs().some((line) => line.msg === 'job failed; it is taken up again')).toBe(false);
});

test('a worker frozen between POST and answer writes nothing of it when it wakes; the repeat is marked', async () => {
  const world = await ownWorld();
  const gate = world.upstream.gate('submit_answer', { times: 1 });
  const { task_id } = await world.client.submit({ model, prompt: 'answered late' });
  await gate.arrived;
  const { thaw } = await freezeUntilTakenOver(world);
  // The successor has submitted again; now the first answer comes, to a worker that has lost its claim.
  await world.upstream.until(() => world.upstream.submissions().length === 2);
  gate.release();
  expect(await thaw()).toBeLessThan(2000);
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: true } });
  expect(world.upstream.submissions().map((s) => s.idempotencyKey)).toEqual([`${task_id}-0-1`, `${task_id}-0-1`]);
});

test('a worker frozen while it downloads does not replace what its successor has stored', async () => {
  const world = await ownWorld();
  const gate = world.upstream.gate('download', { times: 1 });
  const { task_id } = await world.client.submit({ model, prompt: 'stored once' });
  await gate.arrived;
  const { thaw } = await freezeUntilTakenOver(world);
  const task = await world.client.finished(task_id);
  gate.release();
  await thaw();
  const image = task.metadata.images[0]!;
  const bytes = await (await fetch(image.url)).bytes();
  expect(bytes.length).toBe(image.bytes);
  expect(await world.client.get(task_id)).toEqual(task);
});

/** How long a worker's event loop is blocked: four locks, as 40 s are under the default of 10 s. */
const blockMs = 4 * lockSeconds * 1000;

/** A process whose event loop can be blocked by a signal; it says when it is free again. */
const blockable = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `process.on("SIGUSR2",()=>{const end=Date.now()+${blockMs};while(Date.now()<end);process.stdout.write(JSON.stringify({msg:"free again",time:Date.now()})+"\\n")})`,
  )}`,
};

/** Blocks the first worker until another one has taken over its task, and tells how long after waking it dropped it. */
async function blockUntilTakenOver(world: World) {
  const second = await world.startWorker();
  world.worker.kill('SIGUSR2');
  await second.logged('job of a dead worker taken over');
  const free = await world.worker.logged('free again');
  const reasons = ['lease_lost', 'claim_lost'].map((why) => world.worker.logged(`stopped: ${why}`));
  const stopped = await Promise.race(reasons);
  return new Date(stopped.time as number).getTime() - Number(free.time);
}

test('a worker whose event loop was blocked while it polled drops the task within 2 s, and has written nothing', async () => {
  const world = await ownWorld({ env: blockable });
  const { task_id } = await world.client.submit({ model, prompt: 'blocked [[sim: duration=15000]]' });
  await world.upstream.until(() => world.upstream.tasks().some((task) => world.upstream.pollsOf(task.id) > 0));
  expect(await blockUntilTakenOver(world)).toBeLessThan(2000);
  const task = await world.client.finished(task_id);
  expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  expect(world.upstream.submissions()).toHaveLength(1);
}, 60_000);

test('a worker whose event loop was blocked before its POST sends none when it is free again', async () => {
  const world = await ownWorld({ env: blockable });
  const prompt = 'waits, blocked';
  const held = 'holds the channel [[sim: submit=429 retry_after=11 times=1]]';
  const first = await world.client.submit({ model, prompt: held });
  await world.upstream.until(() => world.upstream.submissions().some((s) => s.status === 429));
  const waiting = await world.client.submit({ model, prompt });
  expect(await blockUntilTakenOver(world)).toBeLessThan(2000);
  for (const { task_id } of [first, waiting]) {
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  }
  expect(world.upstream.submissions({ prompt })).toHaveLength(1);
}, 60_000);

test('100 tasks in flight whose locks are taken away are submitted by nobody but their new holders', async () => {
  const world = await ownWorld();
  const tasks = await Promise.all(
    Array.from({ length: 100 }, (_, i) => world.client.submit({ model, prompt: `robbed ${i} [[sim: duration=6000]]` })),
  );
  await world.upstream.until(() => world.upstream.tasks().length === 100);
  const { redis, keys } = world.records;
  await world.startWorker();
  // A lock that is gone is taken again; one that another holds is lost.
  const prefix = `${keys.queuePrefix('default')}:generation.default:`;
  for (const { task_id } of tasks) await redis.set(`${prefix}${task_id}-0:lock`, 'another', 'PX', 1000);
  for (const { task_id } of tasks) {
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
  }
  expect(world.upstream.submissions()).toHaveLength(100);
});
