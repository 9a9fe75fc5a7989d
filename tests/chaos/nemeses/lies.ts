import { setTimeout as pause } from 'node:timers/promises';
import type { Mood } from '../clients/listeners.ts';
import type { StorageLie } from '../house/lyingStorage.ts';
import type { Nemesis } from './nemesis.ts';

const storageLie = (name: string, lie: StorageLie, expected: string): Nemesis => ({
  ...{ name, steps: ['storing'], expected, quick: true },
  async strike({ house }) {
    house.storage.lie(lie);
    await pause(2500);
    house.storage.lie(undefined);
  },
});

const badReceiver = (name: string, mood: Mood, expected: string): Nemesis => ({
  ...{ name, steps: ['running'], expected, quick: mood !== 'hangs' },
  async strike({ listeners }) {
    listeners.moody.setMood(mood);
    await pause(3000);
    // One that answered 410 was told to be gone, and is not asked again.
    listeners.moody.setMood('good');
  },
});

/** Neighbours that do not tell the truth, or nothing. What the upstream does wrong stands in the orders themselves. */
export const lieNemeses: readonly Nemesis[] = [
  storageLie('storage: 500 after a write', 'error_after_write', 'It is written again; the picture is stored once.'),
  storageLie('storage: truncated reads', 'truncated', 'Nobody is shown half a picture as a whole one.'),
  storageLie('storage: late reads', 'late', 'Everything takes longer.'),
  badReceiver('receiver dies', 'dies', 'Its events are tried again; other receivers are not held up.'),
  badReceiver('receiver hangs', 'hangs', 'Its events are tried again; other receivers are not held up.'),
  { ...badReceiver('receiver answers 410', 'gone', 'It is disabled and hears nothing more.'), once: true },
];
