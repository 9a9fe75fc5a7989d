import { type JobsOptions, Queue } from 'bullmq';
import type { PeerClient } from '../peer.ts';
import type { Picture } from '../work.ts';

export const queueName = 'pictures';

/** `upstreamId` and `url` are noted in the job as soon as they are known, so that a retry goes on where it stopped. */
export type PictureJob = { prompt: string; upstreamId?: string; url?: string };

/** Results stay readable by id: finished jobs are kept for the day. */
export const jobOptions: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: { age: 24 * 3600 },
};

export function openQueue(url: string): Promise<PeerClient> {
  const queue = new Queue<PictureJob, Picture>(queueName, { connection: { url } });
  return Promise.resolve({
    async add({ prompt }) {
      return (await queue.add('picture', { prompt }, jobOptions)).id!;
    },
    finished: () => queue.getCompletedCount(),
    async pictureOf(id) {
      return (await queue.getJob(id))?.returnvalue?.file;
    },
    close: () => queue.close(),
  });
}
