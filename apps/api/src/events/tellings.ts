import type { ReadTask } from '@darkroom/shared/admission';
import { type Entry, eventOf, type StreamEvent } from '@darkroom/shared/events';
import type { UrlSigner } from '@darkroom/shared/images';
import { isFinalStatus, publicTask, type TaskId, type TaskRecord } from '@darkroom/shared/tasks';

/** A task as a stream tells of it. */
export type Telling = {
  /** the block to be written: bytes, since thousands of readers may be sent the same */
  block: Buffer;
  /** whose task it is */
  keyId: string;
  /** whether it tells the task's end */
  isEnd: boolean;
};

/** What was, or is being, read for an event; undefined when its task is no more. Readings are numbered as they begin. */
export type Reading = { number: number; telling: Promise<Telling | undefined> };

export type TellingDeps = { readTask: ReadTask; signer: UrlSigner };

/**
 * Reads the task of an event once, and renders it once, for all who hear the event in this process. A reading is kept
 * with its entry and no longer: once nobody has the entry waiting, both are gone.
 */
export class Tellings {
  #deps: TellingDeps;
  #readings = new WeakMap<Entry, Reading>();
  #next = 1;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  /** The number of the next reading: it shows nothing that is older than what was read before now. */
  get next(): number {
    return this.#next;
  }

  /**
   * @param notBefore  the least number that will do. Who has been shown a later state of the task, because it came later
   *   than others or was held up, must not be shown an earlier one.
   */
  of(entry: Entry, notBefore: number): Reading {
    const known = this.#readings.get(entry);
    if (known && known.number >= notBefore) return known;
    const reading: Reading = { number: this.#next++, telling: this.#read(entry) };
    this.#readings.set(entry, reading);
    // A failure ends whoever waits for it; who comes to the entry later tries for itself.
    reading.telling.catch(() => {
      if (this.#readings.get(entry) === reading) this.#readings.delete(entry);
    });
    return reading;
  }

  /** @param id  of the event; undefined leaves a reader's last id as it is */
  render(id: string | undefined, event: StreamEvent, task: TaskRecord): Telling {
    const data = JSON.stringify(publicTask(task, this.#deps.signer.urlOf));
    return {
      block: Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`),
      keyId: task.key_id,
      isEnd: isFinalStatus(task.status) && event === eventOf(task.status),
    };
  }

  async #read({ id, event, task_id }: Entry): Promise<Telling | undefined> {
    const task = await this.#deps.readTask(task_id as TaskId);
    return task && this.render(id, event, task);
  }
}
