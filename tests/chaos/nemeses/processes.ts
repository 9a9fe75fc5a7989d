import { setTimeout as pause } from 'node:timers/promises';
import type { Slot } from '../house/slot.ts';
import type { Nemesis, Strike } from './nemesis.ts';

const one = ({ chance }: Strike, slots: readonly Slot[]): Slot => slots[chance.below(slots.length)]!;

/** Stops a process for so long, and lets it go on where it was. */
async function freeze(slot: Slot, ms: number): Promise<void> {
  const frozen = slot.process();
  frozen.kill('SIGSTOP');
  await pause(ms);
  frozen.kill('SIGCONT');
}

const takenOver =
  'Another worker takes its tasks over within a lock and a stalled check; nothing is submitted twice unmarked.';

/** Faults of our own processes. */
export const processNemeses: readonly Nemesis[] = [
  {
    name: 'worker SIGKILL',
    steps: ['submitting', 'running', 'storing', 'delivering'],
    expected: takenOver,
    quick: true,
    strike: async (at) => one(at, at.house.workers).restart('SIGKILL'),
  },
  {
    name: 'worker SIGTERM',
    steps: ['running', 'batch'],
    expected: 'It hands its tasks back within 5 s; the next one goes on with the same upstream tasks.',
    quick: true,
    strike: async (at) => one(at, at.house.workers).restart('SIGTERM'),
  },
  {
    name: 'worker SIGSTOP past its lease',
    steps: ['submitting', 'running', 'storing'],
    expected: `${takenOver} When it wakes it sends no POST and writes nothing.`,
    quick: true,
    strike: async (at) => freeze(one(at, at.house.workers), at.house.lockMs * 1.6),
  },
  {
    name: 'worker loop blocked for four locks',
    steps: ['running'],
    expected: `${takenOver} When it is free again it drops them within 2 s.`,
    quick: false,
    async strike(at) {
      one(at, at.house.workers).process().kill('SIGUSR2');
      await pause(at.house.lockMs * 4.5);
    },
  },
  {
    name: 'worker clock wrong by 5 min',
    steps: ['running'],
    expected: 'Leases are counted by Redis and monotonic clocks: nothing is taken from or by the worker.',
    quick: false,
    async strike(at) {
      const slot = one(at, at.house.workers);
      slot.set({ CHAOS_CLOCK_SKEW_MS: String(at.chance.oneIn(2) ? 300_000 : -300_000) });
      await slot.restart('SIGTERM');
      await pause(at.house.lockMs * 1.5);
      slot.set({ CHAOS_CLOCK_SKEW_MS: '0' });
      await slot.restart('SIGTERM');
    },
  },
  {
    name: 'API SIGKILL',
    steps: ['queued'],
    expected: 'What it acknowledged ends; a repeat of what it did not gets the same task.',
    quick: true,
    strike: async (at) => one(at, at.house.apis).restart('SIGKILL'),
  },
  {
    name: 'API SIGTERM',
    steps: ['running'],
    expected: 'Readiness fails first; held requests end with their task id.',
    quick: true,
    strike: async (at) => one(at, at.house.apis).restart('SIGTERM'),
  },
  {
    name: 'API SIGSTOP',
    steps: ['running'],
    expected: 'A create that it had sent off writes nothing past its deadline.',
    quick: true,
    strike: async (at) => freeze(one(at, at.house.apis), 2500),
  },
  {
    name: 'rolling restart of everything',
    steps: ['running', 'batch'],
    expected: 'Nobody notices but by a pause.',
    quick: false,
    async strike({ house }) {
      for (const slot of [...house.workers, ...house.apis]) await slot.restart('SIGTERM');
    },
  },
  {
    name: 'API key revoked in flight',
    steps: ['running'],
    expected: 'Its client is refused with 401; its tasks end.',
    quick: true,
    once: true,
    async strike({ house }) {
      house.revoke('carol');
      for (const api of house.apis) await api.restart('SIGTERM');
    },
  },
  {
    name: 'channel removed in flight',
    steps: ['running'],
    expected: 'Its model is refused by name; its tasks end at their deadline.',
    quick: false,
    once: true,
    async strike({ house }) {
      await house.withoutChannel('doomed');
      for (const slot of [...house.workers, ...house.apis]) await slot.restart('SIGTERM');
    },
  },
];
