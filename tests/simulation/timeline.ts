import type { Chance } from './chance.ts';

/** Whose event it is. What belongs to a dead process never happens; what belongs to a frozen one waits until it thaws. */
export type Owner = { alive: boolean; frozenUntil: number };

type Event = { at: number; order: number; run: () => void; owner: Owner | undefined };

/**
 * Virtual time. Whatever happens in a simulation is an event on it; between two events every promise that can go on has
 * gone on. Events of the same moment come in an order that chance decides.
 */
export class Timeline {
  now: number;
  /** events that have happened */
  steps = 0;
  #chance: Chance;
  #events: Event[] = [];

  constructor(start_ms: number, chance: Chance) {
    this.now = start_ms;
    this.#chance = chance;
  }

  after(ms: number, run: () => void, owner?: Owner): void {
    this.#events.push({ at: this.now + Math.round(ms), order: this.#chance.draw(), run, owner });
  }

  /** Lets the next event happen, and all that follows from it at once. @returns false when nothing is left to happen */
  async step(): Promise<boolean> {
    const event = this.#take();
    if (!event) return false;
    this.now = Math.max(this.now, event.at);
    const { owner } = event;
    if (owner && !owner.alive) return true;
    if (owner && owner.frozenUntil > this.now) {
      this.#events.push({ ...event, at: owner.frozenUntil, order: this.#chance.draw() });
      return true;
    }
    this.steps++;
    event.run();
    await settled();
    return true;
  }

  #take(): Event | undefined {
    let first = 0;
    for (let i = 1; i < this.#events.length; i++) if (isBefore(this.#events[i]!, this.#events[first]!)) first = i;
    const event = this.#events[first];
    const last = this.#events.pop();
    if (event && last && event !== last) this.#events[first] = last;
    return event;
  }
}

const isBefore = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Promises and streams use microtasks and `nextTick` alone; both queues are empty before the next immediate. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
