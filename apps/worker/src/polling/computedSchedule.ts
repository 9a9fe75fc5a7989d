import { correctedPause } from './correctedPause.ts';
import type { DurationStore, Learned } from './durationStore.ts';
import { grainsOf, leanOf, type Seen } from './durations.ts';
import { growingPause } from './growingPause.ts';
import { type Knowledge, knowledgeOf } from './knowledge.ts';
import { nextPollAt, type PollBounds } from './planPolls.ts';
import type { PollSchedule, Running, TaskKind, Watch } from './pollSchedule.ts';
import { foretold, type Reading } from './progress.ts';

export type ComputedSettings = {
  bounds: PollBounds;
  /** how late ends are to be noticed, on average */
  target_delay_ms: number;
  store: DurationStore;
  /** told of what could not be learned; polling goes on with what is known */
  onTrouble: (error: unknown) => void;
  /** a number in [0, 1) */
  random: () => number;
};

/** Notes on their way to Redis at most, of one kind: while it is away or slow, further ones are dropped. */
const notesMax = 100;

/**
 * How far a poll is shifted at random, in parts of the shorter pause beside it. If all tasks were asked at the same
 * times, nothing would ever be learned of what happens between these. It costs little, as a minimum is flat.
 */
const shift = 0.5;

/** Asks when, by how long tasks of the kind have lately taken, the least polls and delay come of it. */
export function computedSchedule(settings: ComputedSettings): PollSchedule {
  const kinds = new Map<string, LearnedKind>();
  return {
    watch(kind) {
      const name = `${kind.channel} ${kind.model} ${kind.n}`;
      const learned = kinds.get(name) ?? new LearnedKind(settings, kind);
      kinds.set(name, learned);
      learned.readOnce();
      return watchOf(settings, learned);
    },
  };
}

function watchOf(settings: ComputedSettings, learned: LearnedKind): Watch {
  const { bounds, random } = settings;
  let reading: Reading | undefined;
  return {
    next(running) {
      const { knowledge } = learned;
      return correctedPause(bounds, plannedPause(settings, knowledge, reading, running), running);
    },
    progressed(percent, elapsed_ms) {
      if (percent > (reading?.percent ?? 0) && percent < 100) reading = { percent, elapsed_ms };
    },
    ended: (seen) => learned.note(seen, reading, random()),
  };
}

/** The pause that what is known calls for; while that is too little, and beyond all that was ever seen, the prior's. */
function plannedPause(
  { bounds, random }: ComputedSettings,
  knowledge: Knowledge | undefined,
  reading: Reading | undefined,
  { elapsed_ms }: Running,
): number {
  const plan = knowledge?.planFor(reading);
  const next = plan && nextPollAt(plan, elapsed_ms);
  if (!next) return growingPause(bounds, elapsed_ms);
  const pause_ms = next.at_ms - elapsed_ms;
  const shifted = pause_ms + (random() - 0.5) * shift * Math.min(pause_ms, next.then_ms);
  return Math.min(bounds.max_ms, Math.max(bounds.min_ms, shifted));
}

/** What this worker knows of one kind of task, and how it learns more. */
class LearnedKind {
  #settings: ComputedSettings;
  #kind: TaskKind;
  #learned: Learned | undefined;
  #knowledge: Knowledge | undefined;
  #isStale = false;
  #reads: 'not yet' | 'reading' | 'done' = 'not yet';
  #notes = 0;
  #asked = 0;
  #heard = 0;

  constructor(settings: ComputedSettings, kind: TaskKind) {
    this.#settings = settings;
    this.#kind = kind;
  }

  /** Undefined until enough is known. Reckoned when it is asked for, so that many ends at once cost one reckoning. */
  get knowledge(): Knowledge | undefined {
    if (this.#isStale && this.#learned) {
      const { bounds, target_delay_ms } = this.#settings;
      this.#knowledge = knowledgeOf(this.#learned, bounds, target_delay_ms);
      this.#isStale = false;
    }
    return this.#knowledge;
  }

  /** Begins to read what others have learned, once. Until it is here the prior stands for it. */
  readOnce(): void {
    if (this.#reads !== 'not yet') return;
    this.#reads = 'reading';
    const asked = ++this.#asked;
    this.#settings.store.read(this.#kind).then(
      (learned) => {
        this.#reads = 'done';
        this.#take(learned, asked);
      },
      (error) => {
        this.#reads = 'not yet';
        this.#settings.onTrouble(error);
      },
    );
  }

  async note(seen: Seen, reading: Reading | undefined, draw: number): Promise<void> {
    if (!(seen.by_ms > seen.after_ms) || this.#notes >= notesMax) return;
    this.#notes++;
    const asked = ++this.#asked;
    try {
      const known = this.knowledge;
      const finished = {
        durations: grainsOf(known?.durations, seen, draw),
        progress: reading ? grainsOf(known?.progress, foretold(seen, reading), draw) : [],
        lean: known ? leanOf(known.durations, seen) : 0,
      };
      const learned = await this.#settings.store.note(this.#kind, finished, this.#learned?.count ?? 0);
      if (learned) this.#take(learned, asked);
    } catch (error) {
      this.#settings.onTrouble(error);
    } finally {
      this.#notes--;
    }
  }

  /** Where answers overtake each other, that of the latest question stands, even if Redis has lost what it knew. */
  #take(learned: Learned, asked: number): void {
    if (asked < this.#heard) return;
    this.#heard = asked;
    this.#learned = learned;
    this.#isStale = true;
  }
}
