import { type DeliveryJob, deliveryQueueName } from '@darkroom/shared/queues';
import { Worker } from 'bullmq';
import type { Locks } from '../config.ts';
import { errorLog } from '../queue/errorLog.ts';
import { watchWorker } from '../queue/watchWorker.ts';
import { deliverer } from './deliver.ts';
import type { DeliveryDeps } from './deps.ts';
import { Receivers } from './receivers.ts';

/** Deliveries that one process makes at once, to all receivers together. */
const concurrency = 100;

/**
 * Makes the deliveries of the queue.
 * @param onWedged  told when it makes no progress any more: the process should end
 */
export function startDeliveries(deps: DeliveryDeps, locks: Locks, onWedged: () => void): { close(): Promise<void> } {
  const { redis, keys } = deps.records;
  // As long as the first pause between two tries of one delivery.
  const receivers = new Receivers(deps.now, deps.settings.schedule_ms[1] ?? 5000);
  const worker = new Worker<DeliveryJob>(deliveryQueueName, deliverer(deps, receivers), {
    connection: redis,
    prefix: keys.deliveryPrefix(),
    concurrency,
    lockDuration: locks.lockMs,
    stalledInterval: locks.stalledCheckMs,
    maxStalledCount: 1_000_000,
    skipVersionCheck: true,
  });
  worker.on('error', errorLog(deps.logger, 'delivery worker error', {}));
  worker.on('failed', (job, error) => {
    deps.logger.warn(
      { delivery: job?.data.delivery_id, err: error.message },
      'delivery interrupted; it is tried again',
    );
  });
  const endWatch = watchWorker(worker, deps.deliveries, onWedged);
  return {
    async close() {
      endWatch();
      await worker.close();
      await deps.sender.close();
    },
  };
}
