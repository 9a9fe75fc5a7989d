import { openQueue } from '../bullmq/jobs.ts';
import type { Peer } from '../peer.ts';

export const bullmqSteps: Peer = {
  name: 'bullmq-steps',
  how: 'a job of steps, delayed again before each query (`moveToDelayed`)',
  capless: true,
  store: 'redis',
  program: new URL('./worker.ts', import.meta.url),
  open: openQueue,
};
