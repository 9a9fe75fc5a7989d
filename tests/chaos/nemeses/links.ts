import { setTimeout as pause } from 'node:timers/promises';
import type { House } from '../house/house.ts';
import type { Nemesis } from './nemesis.ts';

const links = {
  'worker-Redis': ['workerRedis', 'Workers lose their leases, drop what they do, and begin again once they are back.'],
  'API-Redis': ['apiRedis', 'The API answers 503 within 2 s, and takes tasks again by itself.'],
  'worker-upstream': ['upstream', 'Polls are made again; a submission without an answer is unknown, and marked.'],
  'worker-storage': ['storage', 'Pictures are downloaded and stored again; nothing is submitted again.'],
} as const satisfies Record<string, readonly [keyof House['links'], string]>;

const faults = {
  cut: async (house: House, link: keyof House['links']) => {
    for (let i = 0; i < 3; i++) {
      house.links[link].cut();
      await pause(300);
    }
  },
  'half-open': async (house: House, link: keyof House['links']) => {
    house.links[link].stall();
    await pause(house.lockMs * 1.5);
  },
  slow: async (house: House, link: keyof House['links']) => {
    house.links[link].slow(20_000);
    await pause(house.lockMs);
  },
};

const stepsOf = (link: string) =>
  link === 'worker-storage'
    ? (['storing'] as const)
    : link === 'API-Redis'
      ? (['queued'] as const)
      : (['running'] as const);

/** Every fault of TCP on each of the four links. */
export const linkNemeses: readonly Nemesis[] = Object.entries(links).flatMap(([name, [link, expected]]) =>
  Object.entries(faults).map(([fault, strike]) => ({
    name: `${name} ${fault}`,
    steps: stepsOf(name),
    expected,
    quick: fault === 'cut' || name === 'worker-storage',
    async strike({ house }) {
      await strike(house, link);
      house.links[link].heal();
    },
  })),
);
