import { Readable } from 'node:stream';
import { jobIdOf, type PartStore } from '@darkroom/shared/tasks';
import { type Logger, noMetrics } from '@darkroom/shared/telemetry';
import type { UpstreamClient } from '@darkroom/shared/upstream';
import type { GenerationDeps } from '../../apps/worker/src/generation/deps.ts';
import { type Fetcher, FetchFailed } from '../../apps/worker/src/generation/fetchUrl.ts';
import { stopOf } from '../../apps/worker/src/generation/stop.ts';
import type { Gate } from '../../apps/worker/src/generation/submitGate.ts';
import { fixedSchedule } from '../../apps/worker/src/polling/fixedSchedule.ts';
import { objectStore } from './objectsModel.ts';
import type { SimWorker } from './simWorker.ts';
import type { World } from './world.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} } as unknown as Logger;

/** How long a worker waits between two looks at a held channel, ms. */
const heldPauseMs = 1000;

/** All that the processor stands on, simulated: every wait is an event on the timeline of the world. */
export function simulatedDeps(worker: SimWorker, world: World, channelId: string): GenerationDeps {
  const { timeline, chance, catalogue } = world;
  const { process } = worker;
  const unused: Fetcher = {
    open: () => Promise.reject(new Error('no task of the simulation has references')),
    close: async () => undefined,
  };
  return {
    channelId,
    parts: partsOf(worker, world),
    catalogue,
    upstream: upstreamOf(worker, world, channelId),
    gate: gateOf(worker, world, channelId),
    keptEnd: async () => undefined,
    isDoubtful: () => false,
    noteStart: async () => undefined,
    noteProgress: async () => undefined,
    noteEnd: async () => undefined,
    openElsewhere: (hand) =>
      process.send('look elsewhere', () =>
        catalogue.channels.find(({ id }) => id !== hand.channel.id && !world.gates.get(id)!.isShut()),
      ),
    addJob: (channel, { id }, part) => process.send('add job', () => world.addJob(channel, id, part)),
    showJob: () => (world.chance.oneIn(4) ? process.send('show', () => undefined) : Promise.resolve()),
    listOrphan: ({ upstream_task_id }) => process.send('orphan', () => void world.orphans.add(upstream_task_id)),
    schedule: fixedSchedule({ min_ms: 1000, max_ms: 8000 }),
    store: objectStore(world.objects, process.send),
    signer: { urlOf: () => '', verify: () => false },
    fetchResult: { ...unused, open: (url) => fetched(worker, world, url) },
    fetchReference: unused,
    limits: {
      max_attempts: 3,
      max_starts: 5,
      download_tries: 3,
      max_result_bytes: 100_000,
      max_image_bytes: 100_000,
      not_found_grace_ms: 5000,
      retry_backoff_ms: 500,
    },
    metrics: noMetrics,
    logger: silent,
    workerId: process.name,
    isClosing: () => worker.isClosing,
    now: () => timeline.now,
    monotonic: () => timeline.now,
    pause: process.pause,
    random: () => chance.draw(),
  };
}

function partsOf({ process, fences }: SimWorker, { records }: World): PartStore {
  const { model } = records;
  return {
    async claim(id, part, channel) {
      const claim = await process.send(`claim ${nameOf(id, part)}`, () => records.claim(id, part, channel));
      if (claim.word === 'claimed') fences.set(jobIdOf(id, part), claim.task.parts[part]!.fence);
      return claim;
    },
    change: (held, name, change) =>
      process.send(`${name} ${nameOf(held.id, held.part)} under ${held.fence}`, () =>
        records.change(held, name, change),
      ),
    release: (held) => process.send(`release ${nameOf(held.id, held.part)}`, () => records.release(held)),
    fenceOf: (id, part) => process.send(`look at fence ${nameOf(id, part)}`, () => model.fenceOf(id, part)),
    hashOf: (id) => process.send('read', () => model.hashOf(id)),
    keep: (id) => process.send('keep', () => records.keep(id)),
  };
}

const nameOf = (id: string, part: number) => `${id.slice(5, 9)}/${part}`;

function upstreamOf(worker: SimWorker, { upstream, checks, chance, tell }: World, channel: string): UpstreamClient {
  const { process } = worker;
  return {
    async submit(submission, signal, lastCheck) {
      await process.travel(chance.latency(), signal);
      await lastCheck();
      signal.throwIfAborted();
      // From here to the arrival nothing can happen: the body leaves as soon as the check has passed.
      checks.post(submission.idempotency_key, worker, channel);
      const known = upstream.accepted.length;
      const outcome = upstream.arrive(submission, channel);
      tell(
        process.name,
        `POST ${submission.idempotency_key.slice(5, 9)}…${submission.idempotency_key.slice(31)}: ${outcome.kind}`,
      );
      checks.accepted(upstream.accepted.slice(known));
      await process.travel(chance.latency() * (chance.oneIn(3) ? 4 : 1), signal);
      return outcome;
    },
    async query(id, signal) {
      await process.travel(chance.latency(), signal);
      const outcome = upstream.query(id);
      tell(process.name, `query ${id}: ${outcome.kind}`);
      await process.travel(chance.latency(), signal);
      return outcome;
    },
    close: async () => undefined,
  };
}

function gateOf({ process }: SimWorker, { gates, timeline }: World, channel: string): Gate {
  const gate = gates.get(channel)!;
  return {
    async turn(signal, within_ms) {
      const until = timeline.now + within_ms;
      for (;;) {
        const word = await process.send('turn', () => gate.ask());
        if (signal.aborted) throw stopOf(signal);
        if (word !== 'wait') return word === 'go' ? 'ours' : 'shut';
        if (timeline.now >= until) return 'late';
        await process.pause(Math.min(heldPauseMs, until - timeline.now), signal);
      }
    },
    note: (said) => process.send('note', () => gate.note(said)),
  };
}

async function fetched({ process }: SimWorker, { upstream, chance }: World, url: string): Promise<Readable> {
  const bytes = await process.send('fetch result', () => upstream.pictureAt(url));
  if (!bytes) throw new FetchFailed('gone', 'it is gone');
  if (chance.oneIn(10)) throw new FetchFailed('unavailable', 'as it happens');
  return Readable.from([bytes], { objectMode: false });
}
