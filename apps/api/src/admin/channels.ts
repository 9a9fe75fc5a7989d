import { type Catalogue, readGate } from '@darkroom/shared/channels';
import type { GenerationQueue } from '@darkroom/shared/queues';
import type { Records } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';

type Deps = {
  records: Records;
  catalogue: Catalogue;
  queues: ReadonlyMap<string, GenerationQueue>;
  now: () => number;
};

/** `GET /admin/channels`: what each channel is doing, and what holds it back. */
export function channelsRoute({ records, catalogue, queues, now }: Deps): RequestHandler {
  return async (_req, res) => {
    const channels = catalogue.channels.map(async ({ id, max_in_flight, submits_per_minute }) => {
      const gate = await readGate(records, id, now());
      const counts = await queues.get(id)!.getJobCounts('active', 'wait', 'prioritized', 'delayed');
      const { active = 0, wait = 0, prioritized = 0, delayed = 0 } = counts;
      const waiting = wait + prioritized + delayed;
      return { id, ...gate, in_flight: active, waiting, max_in_flight, submits_per_minute };
    });
    res.json({ channels: await Promise.all(channels) });
  };
}
