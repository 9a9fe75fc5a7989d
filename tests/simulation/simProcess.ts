import { stopOf } from '../../apps/worker/src/generation/stop.ts';
import type { Chance } from './chance.ts';
import type { Owner, Timeline } from './timeline.ts';

/** Sends a command that has its effect when it arrives, and resolves when the answer is back. */
export type Send = <T>(what: string, effect: () => T) => Promise<T>;

/** What happened, for whoever reads a failure. */
export type Tell = (who: string, what: string) => void;

/**
 * A process: it can be frozen and can die. A command that has left arrives all the same; of a process that died on the
 * way half of them do.
 */
export class SimProcess implements Owner {
  alive = true;
  frozenUntil = 0;
  readonly name: string;
  #timeline: Timeline;
  #chance: Chance;
  #tell: Tell;
  #takeResend: () => boolean;

  /** @param takeResend  whether the next command shall run twice; asking is taking */
  constructor(name: string, timeline: Timeline, chance: Chance, tell: Tell, takeResend: () => boolean) {
    this.name = name;
    this.#timeline = timeline;
    this.#chance = chance;
    this.#tell = tell;
    this.#takeResend = takeResend;
  }

  /** A command to Redis or storage. */
  send: Send = (what, effect) =>
    new Promise((resolve, reject) => {
      const arrive = () => {
        if (!this.alive && this.#chance.oneIn(2)) return;
        try {
          if (this.#takeResend()) effect();
          const answer = effect();
          this.#tell(this.name, `${what}: ${wordOf(answer)}`);
          this.#timeline.after(this.#chance.latency(), () => resolve(answer), this);
        } catch (error) {
          this.#timeline.after(this.#chance.latency(), () => reject(error), this);
        }
      };
      this.#timeline.after(this.#chance.latency(), arrive);
    });

  /** Time that passes on a connection to the upstream. @throws the signal's reason, as its client does */
  travel(ms: number, signal: AbortSignal): Promise<void> {
    return this.#wait(ms, signal, () => signal.reason);
  }

  /** What `GenerationDeps.pause` is. */
  pause = (ms: number, signal: AbortSignal): Promise<void> => this.#wait(ms, signal, () => stopOf(signal));

  /** Something this process does by itself after a while. */
  later(ms: number, run: () => void): void {
    this.#timeline.after(ms, run, this);
  }

  die(): void {
    this.alive = false;
  }

  freeze(ms: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, this.#timeline.now + ms);
  }

  #wait(ms: number, signal: AbortSignal, reason: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(reason());
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      const end = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      this.#timeline.after(Math.max(0, ms), end, this);
    });
  }
}

function wordOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'word' in answer) return String(answer.word);
  return typeof answer === 'object' ? 'done' : String(answer);
}
