import { type Catalogue, type Channel, type GateState, readCap, readGate } from '@darkroom/shared/channels';
import type { GenerationQueue } from '@darkroom/shared/queues';
import type { Records } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';

/** A channel as people on call see it. */
export type ShownChannel = GateState & {
  id: string;
  in_flight: number;
  waiting: number;
  max_in_flight: number;
  submits_per_minute: number;
};
export type ShowChannel = (channel: Channel) => Promise<ShownChannel>;

type Deps = { records: Records; queues: ReadonlyMap<string, GenerationQueue>; now: () => number };

/** Shows what a channel is doing, and what holds it back. */
export function channelShower({ records, queues, now }: Deps): ShowChannel {
  return async ({ id, max_in_flight, submits_per_minute }) => {
    const gate = await readGate(records, id, now());
    const cap = (await readCap(records, id)) ?? max_in_flight;
    const counts = await queues.get(id)!.getJobCounts('active', 'wait', 'prioritized', 'delayed');
    const { active = 0, wait = 0, prioritized = 0, delayed = 0 } = counts;
    const waiting = wait + prioritized + delayed;
    return { id, ...gate, in_flight: active, waiting, max_in_flight: cap, submits_per_minute };
  };
}

/** `GET /admin/channels` */
export function channelsRoute({
  catalogue,
  showChannel,
}: {
  catalogue: Catalogue;
  showChannel: ShowChannel;
}): RequestHandler {
  return async (_req, res) => {
    res.json({ channels: await Promise.all(catalogue.channels.map(showChannel)) });
  };
}
