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

/**
 * A channel's door for submissions. Rate, holds, pause and circuit of all workers are decided in Redis; within this
 * process only the first in line asks, so that a thousand waiting jobs cost one question at a time.
 */
export class SubmitGate implements Gate {
  #records: Records;
  #channel: Channel;
  #circuit: CircuitSettings;
  #probeMs: number;
  #line: Promise<unknown> = Promise.resolve();

  /** @param probeMs  how long a probe of a half-open circuit may take before another may leave */
  constructor(records: Records, channel: Channel, circuit: CircuitSettings, probeMs: number) {
    this.#records = records;
    this.#channel = channel;
    this.#circuit = circuit;
    this.#probeMs = probeMs;
  }

  async note(said: SubmitNote): Promise<void> {
    await untilServed(() => noteSubmit(this.#records, this.#channel.id, said, this.#circuit), sleep);
  }

  async turn(signal: AbortSignal, within_ms: number): Promise<TurnAnswer> {
    const patience = within(signal, within_ms);
    const ours = this.#line.then(() => this.#ask(patience.signal));
    // Whoever comes next waits for us, whatever becomes of us.
    this.#line = ours.catch(() => undefined);
    try {
      const answer = await Promise.race([ours, whenAborted(patience.signal)]);
      throwIfStopped(signal);
      return answer;
    } finally {
      patience.end();
    }
  }

  async #ask(patience: AbortSignal): Promise<TurnAnswer> {
    while (!patience.aborted) {
      const turn = await untilServed(() => askToSubmit(this.#records, this.#channel, this.#probeMs), sleep);
      if (turn.word === 'go') return 'ours';
      if (turn.reason === 'open' || turn.reason === 'paused') return 'shut';
      await Promise.race([sleep(Math.min(turn.wait_ms, longestSleepMs)), whenAborted(patience)]);
    }
    return 'late';
  }
}

const whenAborted = (signal: AbortSignal) =>
  new Promise<'late'>((resolve) => {
    if (signal.aborted) resolve('late');
    else signal.addEventListener('abort', () => resolve('late'), { once: true });
  });
