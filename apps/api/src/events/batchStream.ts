import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, type BatchId, hasEnded, progressId, publicBatch, readBatch } from '@darkroom/shared/batches';
import { batchHintedAt, type Entry } from '@darkroom/shared/events';
import { isRedisUnavailable } from '@darkroom/shared/redis';
import type { Records } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';
import type { Request, Response } from 'express';
import type { EventHub, Listener } from './hub.ts';
import { isTooSlow, serveStream } from './serveStream.ts';

export type BatchStreamDeps = { records: Records; events: EventHub; now: () => number; logger: Logger };

/** A batch of thousands changes all the time; a reader is told of it so often. */
const paceMs = 1000;

/**
 * Answers with server-sent events: the batch as it is, and again whenever it has come further, until it has ended. The
 * id says how far it has come, so that who comes again with it is told of nothing twice.
 */
export async function streamBatch(deps: BatchStreamDeps, req: Request, res: Response, batch: Batch): Promise<void> {
  const had = req.get('last-event-id');
  // A browser comes again after a stream has ended, and stops when it is told that there is nothing more.
  if (hasEnded(batch) && had === progressId(batch)) return void res.status(204).end();
  const watch = new Watch(batch.id);
  res.once('close', () => watch.close());
  await serveStream(deps.events, batch.key_id, res, {
    listener: watch,
    beat: (text) => {
      res.write(text);
      // So a change that nobody told of is missed no longer than until the next heartbeat.
      watch.missed();
    },
    run: () => follow(deps, res, batch.id as BatchId, watch, had),
  });
}

async function follow(
  { records, now, logger }: BatchStreamDeps,
  res: Response,
  id: BatchId,
  watch: Watch,
  had: string | undefined,
): Promise<void> {
  let last = had;
  while (!watch.isOver) {
    const batch = await readOrWait(records, id);
    if (batch === 'away') {
      await watch.next();
      continue;
    }
    if (!batch || batch.removed_at_ms !== undefined) return;
    const at = progressId(batch);
    if (at !== last && !watch.isOver) {
      const event = hasEnded(batch) ? `batch.${batch.status}` : 'batch.progress';
      res.write(`id: ${at}\nevent: ${event}\ndata: ${JSON.stringify(publicBatch(batch, now()))}\n\n`);
      last = at;
    }
    if (hasEnded(batch)) return;
    if (isTooSlow(res, logger)) return;
    await Promise.race([sleep(paceMs, undefined, { ref: false }), watch.over]);
    await watch.next();
  }
}

/** While Redis is away there is nothing to be told; once it is back the subscription says so. */
async function readOrWait(records: Records, id: BatchId): Promise<Batch | undefined | 'away'> {
  try {
    return await readBatch(records, id);
  } catch (error) {
    if (isRedisUnavailable(error)) return 'away';
    throw error;
  }
}

/** Remembers that a batch may have changed until somebody has looked. */
class Watch implements Listener {
  #id: string;
  #changed = false;
  #wake: () => void = () => undefined;
  #end: () => void = () => undefined;
  isOver = false;
  readonly over: Promise<void>;

  constructor(id: string) {
    this.#id = id;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  hear(entry: Entry): void {
    if (batchHintedAt(entry) === this.#id) this.missed();
  }

  missed(): void {
    this.#changed = true;
    this.#wake();
  }

  close(): void {
    this.isOver = true;
    this.#end();
    this.#wake();
  }

  /** Resolves once it may have changed since it was last asked, or is over. */
  async next(): Promise<void> {
    if (!this.#changed && !this.isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#changed = false;
  }
}
