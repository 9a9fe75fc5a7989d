import { setTimeout as sleep } from 'node:timers/promises';
import { mendSweeps, scheduleSweeps, type UpkeepJob, upkeepQueue, upkeepQueueName } from '@darkroom/shared/queues';
import { Worker } from 'bullmq';
import type { Locks, WorkerConfig } from '../config.ts';
import { errorLog } from '../queue/errorLog.ts';
import { watchWorker } from '../queue/watchWorker.ts';
import { whenServed } from '../untilServed.ts';
import type { UpkeepDeps } from './deps.ts';
import { sweep } from './sweep.ts';

export type UpkeepSettings = Locks & Pick<WorkerConfig, 'sweepEveryMs'>;

/**
 * Sweeps every so often. A BullMQ job scheduler makes the jobs, so that each sweep runs once over all workers, wherever
 * it runs; a sweep that is run again after its worker died finds less to do.
 * @returns what ends it; the sweep that runs has to be told by `isClosing`
 */
export async function startUpkeep(
  deps: UpkeepDeps,
  { sweepEveryMs, lockMs, stalledCheckMs, onWedged }: UpkeepSettings & { onWedged: () => void },
): Promise<{ close(): Promise<void> }> {
  const { redis, keys } = deps.records;
  const worker = new Worker<UpkeepJob>(upkeepQueueName, () => sweep(deps), {
    connection: redis,
    prefix: keys.upkeepPrefix(),
    concurrency: 1,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    skipVersionCheck: true,
  });
  worker.on('error', errorLog(deps.logger, 'upkeep worker error', {}));
  worker.on('failed', (_job, error) => deps.logger.error({ err: error.message }, 'sweep failed'));
  const queue = upkeepQueue(redis, keys);
  await whenServed(deps.logger, sleep)(() => scheduleSweeps(queue, sweepEveryMs));
  const mend = async () => {
    if (await mendSweeps(redis, queue, sweepEveryMs))
      deps.logger.warn('the next sweep was lost or far off; scheduled anew');
  };
  const mending = setInterval(() => void mend().catch(() => undefined), sweepEveryMs);
  const endWatch = watchWorker(worker, queue, onWedged);
  return {
    close() {
      endWatch();
      clearInterval(mending);
      return worker.close();
    },
  };
}
