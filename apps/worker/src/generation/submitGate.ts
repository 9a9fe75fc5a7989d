import { setTimeout as sleep } from 'node:timers/promises';
import {
  askToSubmit,
  type Channel,
  type CircuitSettings,
  noteSubmit,
  type SubmitNote,
} from '@darkroom/shared/channels';
import type { Records } from '@darkroom/shared/tasks';
import { untilServed } from '../untilServed.ts';
import { throwIfStopped } from './stop.ts';
import { within } from './within.ts';

/** Longest sleep before the gate is asked again: a hold can be lifted early by an operator or a closing circuit. */
const longestSleepMs = 2000;

export type TurnAnswer = 'ours' | 'late' | 'shut';

/** A channel's door for submissions: when one may leave, and what became of it. */
export type Gate = {
  /**
   * Waits for this submission's turn, and takes it.
   * @param within_ms  how long it may wait
   * @returns 'ours'; 'late' when the time is over; 'shut' when nobody may submit for a while: the circuit is open or the
   *   channel is paused. Who has nowhere else to go waits again.
   * @throws Stop
   */
  turn(signal: AbortSignal, within_ms: number): Promise<TurnAnswer>;
  /** Tells how a submission went: the door is held, its circuit opens or closes. */
  note(said: SubmitNote): Promise<void>;
};

/** A submission that waits for its turn. */
type Waiter = { resolve: (answer: TurnAnswer) => void; reject: (error: unknown) => void };

/**
 * A channel's door for submissions. Rate, holds, pause and circuit of all workers are decided in Redis; this process asks
 * for all of its submissions that wait at once, so that a thousand of them cost one question at a time.
 */
export class SubmitGate implements Gate {
  #records: Records;
  #channel: Channel;
  #circuit: CircuitSettings;
  #probeMs: number;
  #line = new Set<Waiter>();
  #isAsking = false;
  #answered: Promise<void> = Promise.resolve();
  #nextAnswered: Promise<void> | undefined;

  /** @param probeMs  how long a probe of a half-open circuit may take before another may leave */
  constructor(records: Records, channel: Channel, circuit: CircuitSettings, probeMs: number) {
    this.#records = records;
    this.#channel = channel;
    this.#circuit = circuit;
    this.#probeMs = probeMs;
  }

  note(said: SubmitNote): Promise<void> {
    return said.outcome === 'answered' ? this.#noteAnswered() : this.#tell(said);
  }

  async turn(signal: AbortSignal, within_ms: number): Promise<TurnAnswer> {
    const patience = within(signal, within_ms);
    try {
      const answer = await this.#standInLine(patience.signal);
      throwIfStopped(signal);
      return answer;
    } finally {
      patience.end();
    }
  }

  #standInLine(patience: AbortSignal): Promise<TurnAnswer> {
    return new Promise((resolve, reject) => {
      if (patience.aborted) return resolve('late');
      const waiter = { resolve, reject };
      this.#line.add(waiter);
      const leave = () => {
        this.#line.delete(waiter);
        resolve('late');
      };
      patience.addEventListener('abort', leave, { once: true });
      void this.#askForAll();
    });
  }

  /** Asks until nobody waits any more; whoever comes meanwhile is among those asked for next. */
  async #askForAll(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (this.#line.size > 0) {
        const ask = () => askToSubmit(this.#records, this.#channel, this.#probeMs, Math.max(1, this.#line.size));
        const turn = await untilServed(ask, sleep);
        if (turn.word === 'go') this.#release(turn.turns, (waiter) => waiter.resolve('ours'));
        else if (turn.reason === 'open' || turn.reason === 'paused') this.#releaseAll(({ resolve }) => resolve('shut'));
        else await sleep(Math.min(turn.wait_ms, longestSleepMs), undefined, { ref: false });
      }
    } catch (error) {
      this.#releaseAll(({ reject }) => reject(error));
    } finally {
      this.#isAsking = false;
    }
  }

  #releaseAll(tell: (waiter: Waiter) => void): void {
    this.#release(this.#line.size, tell);
  }

  /** Lets the first in line go. A turn of one that has left meanwhile is the next one's, or nobody's. */
  #release(count: number, tell: (waiter: Waiter) => void): void {
    let left = count;
    for (const waiter of this.#line) {
      if (left-- === 0) return;
      this.#line.delete(waiter);
      tell(waiter);
    }
  }

  /** Submissions that are answered while the word of others is on its way are told of together, by the next word. */
  #noteAnswered(): Promise<void> {
    this.#nextAnswered ??= this.#answered.then(() => {
      this.#nextAnswered = undefined;
      const told = this.#tell({ outcome: 'answered' });
      this.#answered = told.catch(() => undefined);
      return told;
    });
    return this.#nextAnswered;
  }

  #tell(said: SubmitNote): Promise<void> {
    return untilServed(async () => {
      await noteSubmit(this.#records, this.#channel.id, said, this.#circuit);
    }, sleep);
  }
}
