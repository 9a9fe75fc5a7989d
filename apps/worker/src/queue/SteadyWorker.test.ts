import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { describe, expect, onTestFinished, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { leaseLost, SteadyWorker } from './SteadyWorker.ts';

const redisOf = redisOfFile();
const token = 'the token of another worker';

/** A worker in the middle of a job that lasts until it is let go. Its own renewals and checks are far apart. */
async function workerInJob() {
  const { redis, keys } = redisOf;
  const prefix = keys.queuePrefix(randomUUID());
  const queue = new Queue('tried', { connection: redis, prefix });
  const started = Promise.withResolvers<{ token: string; signal: AbortSignal }>();
  const released = Promise.withResolvers<void>();
  const worker = new SteadyWorker(
    'tried',
    async (_job, token, signal) => {
      started.resolve({ token: token!, signal: signal! });
      await released.promise;
    },
    { connection: redis, prefix, concurrency: 1, lockDuration: 60_000, stalledInterval: 60_000 },
    redis,
    `${prefix}:pulse`,
  );
  worker.on('error', () => undefined);
  void worker.run();
  onTestFinished(async () => {
    released.resolve();
    await worker.close(true);
    await queue.close();
  });
  await queue.add('job', {}, { jobId: 'job-1' });
  const { token, signal } = await started.promise;
  const job = worker.toKey('job-1');
  return { redis, worker, queue, token, signal, job, lock: `${job}:lock`, release: released.resolve };
}

describe('a renewal', () => {
  test('prolongs a lock that is held', async () => {
    const { redis, worker, token, lock } = await workerInJob();
    await redis.pexpire(lock, 1000);
    expect(await worker.extendJobLocks(['job-1'], [token], 60_000)).toEqual([]);
    expect(await redis.pttl(lock)).toBeGreaterThan(50_000);
  });

  test('takes a lock again that ran out while nobody else started the job', async () => {
    const { redis, worker, token, lock } = await workerInJob();
    await redis.del(lock);
    await redis.sadd(worker.toKey('stalled'), 'job-1');
    expect(await worker.extendJobLocks(['job-1'], [token], 60_000)).toEqual([]);
    expect(await redis.get(lock)).toBe(token);
    expect(await redis.sismember(worker.toKey('stalled'), 'job-1')).toBe(0);
    expect(worker.leases.holds('job-1')).toBe(true);
  });

  test.each([
    ['started again', 'ats'],
    ['found stalled', 'stc'],
  ])('gives up a job that was %s since', async (_what, counter) => {
    const { redis, worker, token, job, lock } = await workerInJob();
    await redis.del(lock);
    await redis.hincrby(job, counter, 1);
    expect(await worker.extendJobLocks(['job-1'], [token], 60_000)).toEqual(['job-1']);
    expect(await redis.exists(lock)).toBe(0);
  });

  test('leaves a lock alone that is another worker’s now', async () => {
    const { redis, worker, lock } = await workerInJob();
    await redis.set(lock, token);
    expect(await worker.extendJobLocks(['job-1'], ['mine'], 60_000)).toEqual(['job-1']);
    expect(await redis.get(lock)).toBe(token);
  });

  test('of a job that this worker is not running never makes a lock', async () => {
    const { redis, worker } = await workerInJob();
    expect(await worker.extendJobLocks(['job-2'], ['mine'], 60_000)).toEqual(['job-2']);
    expect(await redis.exists(`${worker.toKey('job-2')}:lock`)).toBe(0);
  });

  test('of thousands of jobs is sent in pieces, and tells every lost one', async () => {
    const { redis, worker, token } = await workerInJob();
    const ids = Array.from({ length: 1700 }, (_, i) => `other-${i}`);
    const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
    const before = await calls();
    const lost = await worker.extendJobLocks([...ids, 'job-1'], [...ids, token], 60_000);
    expect(lost).toEqual(ids);
    // At least: the worker's own scripts may come in between.
    expect((await calls()) - before).toBeGreaterThanOrEqual(4);
  });
});

test('a job whose lock is lost is told to stop, as lost', async () => {
  const { worker, signal } = await workerInJob();
  worker.emit('lockRenewalFailed', ['job-1']);
  expect([signal.aborted, signal.reason]).toEqual([true, leaseLost]);
});

test('a lease ends with its job', async () => {
  const { worker, release } = await workerInJob();
  expect(worker.leases.holds('job-1')).toBe(true);
  const completed = new Promise((resolve) => worker.once('completed', resolve));
  release();
  await completed;
  expect(worker.leases.holds('job-1')).toBe(false);
});
