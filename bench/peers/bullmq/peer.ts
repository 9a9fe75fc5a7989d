import type { Peer } from '../peer.ts';
import { openQueue } from './jobs.ts';

export const bullmq: Peer = {
  name: 'bullmq',
  how: 'the processor submits, then sleeps and asks until there is a picture',
  store: 'redis',
  program: new URL('./worker.ts', import.meta.url),
  open: openQueue,
};
