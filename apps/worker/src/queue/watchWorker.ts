import { couldStart } from '@darkroom/shared/queues';
import type { Queue, Worker } from 'bullmq';
import { watchLiveness } from './liveness.ts';

/**
 * Watches a worker of BullMQ's own, which counts no fetches: that it starts jobs while some wait that it may start.
 * @returns a function that ends the watch
 */
export function watchWorker(worker: Worker, queue: Queue, onWedged: () => void): () => void {
  let starts = 0;
  let running = 0;
  worker.on('active', () => {
    starts++;
    running++;
  });
  for (const end of ['completed', 'failed'] as const) {
    worker.on(end, () => {
      running--;
    });
  }
  const watched = {
    starts: () => starts,
    isFull: () => running >= worker.concurrency,
    couldStart: () => couldStart(queue),
  };
  return watchLiveness(watched, onWedged);
}
