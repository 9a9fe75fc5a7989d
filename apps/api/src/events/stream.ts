import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import {
  batchHintedAt,
  type Entry,
  eventOf,
  eventsAfter,
  isBefore,
  isEventId,
  lastEventId,
} from '@darkroom/shared/events';
import { isFinalStatus, type Records, type TaskRecord } from '@darkroom/shared/tasks';
import type { Logger } from '@darkroom/shared/telemetry';
import type { Request, Response } from 'express';
import { hangUpSignal } from '../http/hangUp.ts';
import type { EventHub } from './hub.ts';
import { isTooSlow, serveStream } from './serveStream.ts';
import type { Telling, Tellings } from './tellings.ts';

export type StreamDeps = { records: Records; tellings: Tellings; events: EventHub; logger: Logger };

/** What a stream tells of: one task, which ends it, or all of the key's. */
export type Scope = { keyId: string; task?: TaskRecord; begin: () => Promise<TaskRecord[]> };

/** How long a reader may take for a piece of what it is brought up to date with. */
const takeMs = 30_000;

/** Events that wait to be written while a reader is brought up to date. */
const waitingMax = 10_000;

/**
 * Answers with server-sent events: what came since `Last-Event-ID`, or the state as it is now, and then whatever comes.
 * Resolves when the stream has ended.
 */
export async function streamEvents(deps: StreamDeps, req: Request, res: Response, scope: Scope): Promise<void> {
  // A browser comes again after a stream has ended, and stops when it is told that there is nothing more.
  if (await hasHeardAll(deps, req, scope)) return void res.status(204).end();
  const reader = new Reader(deps, res, scope);
  await serveStream(deps.events, scope.keyId, res, {
    listener: reader,
    beat: (text) => void reader.write(text),
    run: () => reader.run(req.get('last-event-id')),
  });
}

async function hasHeardAll({ records }: StreamDeps, req: Request, { keyId, task }: Scope): Promise<boolean> {
  const given = req.get('last-event-id');
  if (!task || !isFinalStatus(task.status) || given === undefined || !isEventId(given)) return false;
  const since = await eventsAfter(records, keyId, given);
  return since !== undefined && !since.some(({ task_id }) => task_id === task.id);
}

class Reader {
  #deps: StreamDeps;
  #res: Response;
  #gone: AbortSignal;
  #scope: Scope;
  #waiting: Entry[] = [];
  #last = '0-0';
  /** the least number of a reading that shows nothing older than what was told before */
  #notBefore = 0;
  #wake: () => void = () => undefined;
  #over = false;
  #behind = false;

  constructor(deps: StreamDeps, res: Response, scope: Scope) {
    this.#deps = deps;
    this.#res = res;
    this.#scope = scope;
    this.#gone = hangUpSignal(res);
    res.once('close', () => this.close());
  }

  hear(entry: Entry): void {
    if (batchHintedAt(entry) !== undefined) return;
    if (this.#scope.task && entry.task_id !== this.#scope.task.id) return;
    if (this.#waiting.length >= waitingMax) this.#behind = true;
    else this.#waiting.push(entry);
    this.#wake();
  }

  missed(): void {
    this.#behind = true;
    this.#wake();
  }

  close(): void {
    this.#over = true;
    this.#wake();
  }

  /** @returns whether there is room for more */
  write(block: string | Buffer): boolean {
    if (this.#over) return true;
    const hasRoom = this.#res.write(block);
    if (isTooSlow(this.#res, this.#deps.logger)) this.close();
    return hasRoom;
  }

  async run(lastEventId: string | undefined): Promise<void> {
    await this.#begin(lastEventId);
    while (!this.#over) {
      if (this.#behind) await this.#catchUp();
      const entries = this.#waiting.splice(0);
      // Taken out one by one: what was read for an entry goes with it.
      while (entries.length > 0) await this.#tell(entries.shift()!);
      if (!this.#over && this.#waiting.length === 0 && !this.#behind) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** What came since the reader was last here, or the state as it is. */
  async #begin(given: string | undefined): Promise<void> {
    const { records } = this.#deps;
    if (given !== undefined && isEventId(given)) {
      this.#last = given;
      const since = await eventsAfter(records, this.#scope.keyId, given);
      if (since) {
        await this.#tellPast(since);
        return;
      }
    }
    this.#last = await lastEventId(records, this.#scope.keyId);
    const tasks = await this.#scope.begin();
    this.#notBefore = this.#deps.tellings.next;
    for (const [i, task] of tasks.entries()) {
      // Only with the last of them is the reader up to date: an id before would make it miss the rest.
      const id = i === tasks.length - 1 ? this.#last : undefined;
      await this.#send(this.#deps.tellings.render(id, eventOf(task.status), task));
      await this.#taken();
    }
  }

  async #tellPast(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      await this.#tell(entry);
      await this.#taken();
    }
  }

  /** Waits until the reader has taken what it is brought up to date with: only of news it can be too slow a reader. */
  async #taken(): Promise<void> {
    if (this.#over || !this.#res.writableNeedDrain) return;
    const signal = AbortSignal.any([this.#gone, AbortSignal.timeout(takeMs)]);
    await once(this.#res, 'drain', { signal }).catch(() => this.close());
  }

  async #catchUp(): Promise<void> {
    this.#behind = false;
    const since = await eventsAfter(this.#deps.records, this.#scope.keyId, this.#last).catch(() => undefined);
    if (since) await this.#tellPast(since);
    else this.close();
  }

  async #tell(entry: Entry): Promise<void> {
    if (this.#over || !isBefore(this.#last, entry.id)) return;
    if (this.#scope.task && entry.task_id !== this.#scope.task.id) return;
    const { number, telling } = this.#deps.tellings.of(entry, this.#notBefore);
    const told = await telling;
    this.#notBefore = number;
    this.#last = entry.id;
    if (told?.keyId === this.#scope.keyId) await this.#send(told);
  }

  async #send({ block, isEnd }: Telling): Promise<void> {
    const hasRoom = this.write(block);
    if (this.#scope.task && isEnd) this.close();
    // What others have had read is told without a pause, in which the system would take what is written: without a
    // turn of the loop a reader with much to catch up on would be found too slow before it had a chance.
    if (!hasRoom) await turn();
  }
}
