import { type Catalogue, type Channel, pauseChannel, resumeChannel, setCap } from '@darkroom/shared/channels';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import { type GenerationQueue, setQueueCap } from '@darkroom/shared/queues';
import type { Records } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ShowChannel } from './channels.ts';

type Deps = {
  records: Records;
  catalogue: Catalogue;
  queues: ReadonlyMap<string, GenerationQueue>;
  showChannel: ShowChannel;
};

/** What `PATCH /admin/channels/{id}` takes. */
export const CapChange = z.strictObject({ max_in_flight: z.number().int().min(1).max(1_000_000).nullable() });

/** `POST /admin/channels/{id}/pause`: nothing more is submitted; what is in flight goes on. */
export function pauseChannelRoute({ records, catalogue, showChannel }: Deps): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(catalogue, req.params.id);
    await pauseChannel(records, channel.id);
    res.json(await showChannel(channel));
  };
}

/** `POST /admin/channels/{id}/resume` */
export function resumeChannelRoute({ records, catalogue, showChannel }: Deps): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(catalogue, req.params.id);
    await resumeChannel(records, channel.id);
    res.json(await showChannel(channel));
  };
}

/** `PATCH /admin/channels/{id}` `{"max_in_flight": 50}`: a new cap at once; null gives way to the configuration. */
export function changeChannelRoute({ records, catalogue, queues, showChannel }: Deps): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(catalogue, req.params.id);
    const change = CapChange.safeParse(req.body);
    if (!change.success) {
      throw fieldProblem('invalid_request', 'max_in_flight', '`max_in_flight` must be a whole number from 1, or null.');
    }
    const { max_in_flight } = change.data;
    await setCap(records, channel.id, max_in_flight ?? undefined);
    await setQueueCap(queues.get(channel.id)!, records.redis, max_in_flight ?? channel.max_in_flight);
    res.json(await showChannel(channel));
  };
}

function channelOf({ channels }: Catalogue, id: unknown): Channel {
  const channel = channels.find((one) => one.id === id);
  if (!channel)
    throw new Problem(
      'route_not_found',
      `There is no such channel; there are ${channels.map((c) => c.id).join(', ')}.`,
    );
  return channel;
}
