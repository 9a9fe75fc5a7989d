import type { BatchId } from '@darkroom/shared/batches';
import { BatchJob, batchQueue, batchQueueName } from '@darkroom/shared/queues';
import { DelayedError, type Job, Worker } from 'bullmq';
import type { Locks } from '../config.ts';
import { errorLog } from '../queue/errorLog.ts';
import { watchWorker } from '../queue/watchWorker.ts';
import type { BatchDeps } from './deps.ts';
import { runBatch } from './runBatch.ts';

/** Batches that one process runs at once. Each holds a portion of its lines, and reads of others' in between. */
const concurrency = 50;

/**
 * Runs the batches of the queue.
 * @param onWedged  told when it makes no progress any more: the process should end
 * @returns what ends it, handing batches that are not over to the next worker
 */
export function startBatches(deps: BatchDeps, locks: Locks, onWedged: () => void): { close(): Promise<void> } {
  const { redis, keys } = deps.records;
  const worker = new Worker<BatchJob>(batchQueueName, (job, token) => run(deps, job, token), {
    connection: redis,
    prefix: keys.batchPrefix(),
    concurrency,
    lockDuration: locks.lockMs,
    stalledInterval: locks.stalledCheckMs,
    maxStalledCount: 1_000_000,
    skipVersionCheck: true,
  });
  worker.on('error', errorLog(deps.logger, 'batch worker error', {}));
  worker.on('failed', (job, error) => {
    deps.logger.warn({ batch: job?.data.batch_id, err: error.message }, 'batch interrupted; it goes on in a moment');
  });
  const endWatch = watchWorker(worker, batchQueue(redis, keys), onWedged);
  return {
    close() {
      endWatch();
      return worker.close();
    },
  };
}

async function run(deps: BatchDeps, job: Job<BatchJob>, token: string | undefined): Promise<void> {
  const { batch_id } = BatchJob.parse(job.data);
  const end = await runBatch(deps, batch_id as BatchId);
  if (end === 'ended') return;
  await job.moveToDelayed(end === 'hand_back' ? deps.now() : end.later_ms, token);
  throw new DelayedError();
}
