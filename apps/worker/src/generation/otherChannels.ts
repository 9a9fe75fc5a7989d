import { type Catalogue, type Channel, enabledModels, readGate } from '@darkroom/shared/channels';
import { addGenerationJobs, type GenerationQueue } from '@darkroom/shared/queues';
import type { Records, TaskRecord } from '@darkroom/shared/tasks';
import type { GenerationDeps } from './deps.ts';

/**
 * The ways out of a shut channel: another one that serves the model and takes submissions, and its queue.
 * @param queues  every channel's queue, by channel id
 */
export function otherChannels(
  records: Records,
  catalogue: Catalogue,
  queues: ReadonlyMap<string, GenerationQueue>,
  now: () => number,
): Pick<GenerationDeps, 'openElsewhere' | 'addJob'> {
  const models = enabledModels(catalogue);
  return {
    async openElsewhere({ task, part, channel }) {
      const offers = models.get(task.request.model)?.offers ?? [];
      const able = offers.filter(({ channel: other, offer }) => other.id !== channel.id && fits(part.n, offer));
      const byWeight = able.sort((a, b) => b.channel.weight - a.channel.weight).map((offer) => offer.channel);
      return firstOpen(records, byWeight, now);
    },
    async addJob(channelId, task: TaskRecord, part) {
      const queue = queues.get(channelId);
      if (!queue) throw new Error(`no such channel: ${channelId}`);
      await addGenerationJobs(records.redis, queue, {
        id: task.id,
        key_id: task.key_id,
        weight: task.weight,
        priority: task.priority,
        model: task.request.model,
        part_sizes: task.parts.map(({ n }) => n),
        only: part,
      });
    },
  };
}

const fits = (n: number, offer: { images_per_submission: number }) => n <= offer.images_per_submission;

async function firstOpen(records: Records, channels: Channel[], now: () => number): Promise<Channel | undefined> {
  for (const channel of channels) {
    const { state, until } = await readGate(records, channel.id, now());
    if (state === 'closed' && until === null) return channel;
  }
  return undefined;
}
