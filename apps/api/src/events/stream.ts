import type { ReadTask } from '@darkroom/shared/admission';
import {
  batchHintedAt,
  type Entry,
  eventOf,
  eventsAfter,
  isBefore,
  isEventId,
  lastEventId,
} from '@darkroom/shared/events';
import type { UrlSigner } from '@darkroom/shared/images';
import { isFinalStatus, publicTask, type Records, type TaskId, type TaskRecord } from '@darkroom/shared/tasks';
import type { Request, Response } from 'express';
import type { EventHub } from './hub.ts';
import { isTooSlow, serveStream } from './serveStream.ts';

export type StreamDeps = { records: Records; readTask: ReadTask; signer: UrlSigner; events: EventHub };

/** What a stream tells of: one task, which ends it, or all of the key's. */
export type Scope = { keyId: string; task?: TaskRecord; begin: () => Promise<TaskRecord[]> };

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
    beat: (text) => reader.write(text),
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
  #scope: Scope;
  #waiting: Entry[] = [];
  #last = '0-0';
  #wake: () => void = () => undefined;
  #over = false;
  #behind = false;

  constructor(deps: StreamDeps, res: Response, scope: Scope) {
    this.#deps = deps;
    this.#res = res;
    this.#scope = scope;
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

  write(text: string): void {
    if (this.#over) return;
    this.#res.write(text);
    if (isTooSlow(this.#res)) this.close();
  }

  async run(lastEventId: string | undefined): Promise<void> {
    await this.#begin(lastEventId);
    while (!this.#over) {
      if (this.#behind) await this.#catchUp();
      const entries = this.#waiting.splice(0);
      for (const entry of entries) await this.#tell(entry);
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
        for (const entry of since) await this.#tell(entry);
        return;
      }
    }
    this.#last = await lastEventId(records, this.#scope.keyId);
    const tasks = await this.#scope.begin();
    for (const [i, task] of tasks.entries()) {
      // Only with the last of them is the reader up to date: an id before would make it miss the rest.
      this.#send(i === tasks.length - 1 ? this.#last : undefined, eventOf(task.status), task);
    }
  }

  async #catchUp(): Promise<void> {
    this.#behind = false;
    const since = await eventsAfter(this.#deps.records, this.#scope.keyId, this.#last).catch(() => undefined);
    if (since) for (const entry of since) await this.#tell(entry);
    else this.close();
  }

  async #tell(entry: Entry): Promise<void> {
    if (this.#over || !isBefore(this.#last, entry.id)) return;
    if (this.#scope.task && entry.task_id !== this.#scope.task.id) return;
    const task = await this.#deps.readTask(entry.task_id as TaskId);
    this.#last = entry.id;
    if (!task || task.key_id !== this.#scope.keyId) return;
    this.#send(entry.id, entry.event, task);
  }

  #send(id: string | undefined, event: string, task: TaskRecord): void {
    const data = JSON.stringify(publicTask(task, this.#deps.signer.urlOf));
    this.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
    if (this.#scope.task && isFinalStatus(task.status) && event === eventOf(task.status)) this.close();
  }
}
