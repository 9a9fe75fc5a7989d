import type { Chance } from '../../simulation/chance.ts';
import type { Listeners } from '../clients/listeners.ts';
import type { House } from '../house/house.ts';
import type { Step } from '../storm/steps.ts';

export type Strike = { house: House; chance: Chance; listeners: Listeners };

/** A fault: what it strikes, when, and what is expected of the product under it. */
export type Nemesis = {
  name: string;
  /** what must be going on as it strikes; each is a cell that has to be met */
  steps: readonly Step[];
  /** what is promised; `docs/chaos.md` shows it */
  expected: string;
  /** whether the bounded storm of the suite has it too */
  quick: boolean;
  /** at most so often in a storm: what it does cannot be undone */
  once?: true;
  /** breaks something, holds it, and mends it */
  strike(at: Strike): Promise<void>;
};
