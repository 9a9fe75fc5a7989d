import type { SubmitNote } from '@darkroom/shared/channels';

/** How long a channel that was refused, or failed too often, stays shut, ms. */
const shutMs = 8000;
const failuresMax = 4;

/** A channel's door for submissions: it holds back after "not now" and shuts after a refusal or several failures. */
export class GateModel {
  #now: () => number;
  #heldUntil = 0;
  #shutUntil = 0;
  #failures = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  ask(): 'go' | 'wait' | 'shut' {
    if (this.isShut()) return 'shut';
    return this.#now() < this.#heldUntil ? 'wait' : 'go';
  }

  isShut(): boolean {
    return this.#now() < this.#shutUntil;
  }

  note(said: SubmitNote): void {
    this.#failures = said.outcome === 'failed' ? this.#failures + 1 : 0;
    if (said.outcome === 'not_now') this.#heldUntil = this.#now() + said.hold_ms;
    if (said.outcome === 'refused_channel' || this.#failures >= failuresMax) this.#shutUntil = this.#now() + shutMs;
  }
}
