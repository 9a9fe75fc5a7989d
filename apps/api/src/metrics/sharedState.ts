import { type Catalogue, type Channel, type GateState, readGate } from '@darkroom/shared/channels';
import { type GenerationQueue, oldestWaiting } from '@darkroom/shared/queues';
import { readHeadroom } from '@darkroom/shared/redis';
import type { Records } from '@darkroom/shared/tasks';
import type { Recorder } from '@darkroom/shared/telemetry';

export type SharedStateDeps = {
  records: Records;
  catalogue: Catalogue;
  queues: ReadonlyMap<string, GenerationQueue>;
  metrics: Recorder<'api'>;
  /** ms since the epoch */
  now: () => number;
  /** monotonic ms */
  monotonic: () => number;
};

/** How old the figures of a scrape may be: any number of scrapers cost Redis one reading a second. */
const freshMs = 1000;

/** A scraper gives up after some seconds and then has nothing; the figures of the process itself must reach it. */
const readMaxMs = 1000;

const circuitStates: Record<GateState['state'], number> = { closed: 0, half_open: 1, open: 2, paused: 3 };

type ChannelFigures = { id: string; waiting: number; delayed: number; active: number; oldest: number; circuit: number };
type Figures = { channels: ChannelFigures[]; headroom: number | undefined };

/**
 * The gauges of what all processes share: queues, circuits, Redis. They are read when somebody scrapes.
 * @returns a function that brings them up to date; it never fails: what Redis does not tell in time is not exposed
 */
export function sharedState(deps: SharedStateDeps): () => Promise<void> {
  let last: { at: number; done: Promise<void> } | undefined;
  return () => {
    if (!last || deps.monotonic() - last.at >= freshMs) last = { at: deps.monotonic(), done: refresh(deps) };
    return last.done;
  };
}

async function refresh(deps: SharedStateDeps): Promise<void> {
  const figures = await withinTime(readFigures(deps));
  const { metrics } = deps;
  metrics.set('darkroom_redis_up', {}, figures ? 1 : 0);
  metrics.set('darkroom_redis_headroom_bytes', {}, figures?.headroom);
  for (const { id: channel } of deps.catalogue.channels) {
    const known = figures?.channels.find(({ id }) => id === channel);
    metrics.set('darkroom_queue_depth', { channel, state: 'waiting' }, known?.waiting);
    metrics.set('darkroom_queue_depth', { channel, state: 'delayed' }, known?.delayed);
    metrics.set('darkroom_queue_depth', { channel, state: 'active' }, known?.active);
    metrics.set('darkroom_queue_oldest_waiting_seconds', { channel }, known?.oldest);
    metrics.set('darkroom_circuit_state', { channel }, known?.circuit);
  }
}

async function readFigures(deps: SharedStateDeps): Promise<Figures> {
  const [headroom, ...channels] = await Promise.all([
    readHeadroom(deps.records.redis),
    ...deps.catalogue.channels.map((channel) => readChannel(deps, channel)),
  ]);
  return { headroom, channels };
}

async function readChannel({ records, queues, now }: SharedStateDeps, { id }: Channel): Promise<ChannelFigures> {
  const queue = queues.get(id)!;
  const [counts, oldest, gate] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'delayed', 'active'),
    oldestWaiting(queue, records.redis),
    readGate(records, id, now()),
  ]);
  const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
  return {
    id,
    waiting: wait + prioritized,
    delayed,
    active,
    oldest: oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1000,
    circuit: circuitStates[gate.state],
  };
}

/** What comes in time, or undefined. */
async function withinTime<T>(reading: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), readMaxMs);
  const read = reading.catch(() => undefined);
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}
