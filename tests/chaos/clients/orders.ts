import type { Chance } from '../../simulation/chance.ts';
import { doomedModel, models, patientModel } from '../house/house.ts';

/** Something a client wants once. Its prompt tells it apart from every other order of the storm. */
export type Order = {
  number: number;
  entry: 'native' | 'openai' | 'gemini';
  who: 'alice' | 'bob' | 'carol';
  model: string;
  prompt: string;
  n: number;
  /** what its client does besides waiting */
  habit: 'waits' | 'cancels' | 'hangs_up' | 'repeats';
  deadline_seconds?: number;
};

/** What the upstream does to an order; most are left alone. */
const lies = [
  'submit=429 retry_after=1 times=1',
  'submit=503 times=1',
  'submit=500html times=1',
  'submit=hang_after times=1',
  'submit=reset_before times=1',
  'submit=reset_after times=1',
  'submit=empty2xx times=1',
  'submit=garbage2xx times=1',
  'submit=slow:1500',
  'submit=slow:2500',
  'poll=502 poll_times=2',
  'poll=reset poll_times=2',
  'poll=html poll_times=2',
  'poll=endless poll_times=1',
  'poll=backwards',
  'poll=forgets poll_times=1',
  'notfound=300',
  'download=500 download_times=1',
  'download=truncated download_times=2',
  'download=slow:1500',
  'download=slow:2500',
  'download=endless download_times=1',
  'download=reset download_times=2',
  'fail=internal_error fail_times=1',
  'fail=content_policy',
  'shape=b64_json',
  'status_words=c',
] as const;

/** Orders that put a channel of their own to the test, whatever the seed: a patient upstream, and one that goes. */
const special = (number: number): Order | undefined => {
  const order = { number, entry: 'native', who: 'bob', n: 1, habit: 'waits' } as const;
  if (number % 60 === 7) {
    const lie = 'submit=429 retry_after=315360000';
    return { ...order, model: patientModel, prompt: `storm ${number} [[sim: ${lie}]]`, deadline_seconds: 15 };
  }
  if (number % 30 === 11) return { ...order, model: doomedModel, prompt: `storm ${number}`, deadline_seconds: 25 };
  return undefined;
};

const entries = [
  ...(Array(11).fill('native') as 'native'[]),
  ...(['openai', 'openai', 'openai', 'gemini', 'gemini', 'gemini'] as const),
];
const habits = ['waits', 'waits', 'waits', 'waits', 'cancels', 'hangs_up', 'repeats', 'repeats'] as const;

const one = <T>(chance: Chance, of: readonly T[]): T => of[chance.below(of.length)]!;

const promptOf = (number: number, lie: string | undefined) =>
  lie === undefined ? `storm ${number}` : `storm ${number} [[sim: ${lie}]]`;

/** Orders without end: the same for the same chance. */
export function* drawOrders(chance: Chance): Generator<Order, never> {
  for (let number = 0; ; number++) {
    const entry = one(chance, entries);
    const who = one(chance, ['alice', 'alice', 'bob', 'bob', 'carol'] as const);
    const lie = chance.oneIn(2) ? one(chance, lies) : undefined;
    const drawn = {
      number,
      entry,
      model: one(chance, models),
      prompt: promptOf(number, lie),
      habit: one(chance, habits),
    };
    const n = chance.oneIn(6) && entry !== 'gemini' ? 2 : 1;
    // A key that is taken away in flight has no SDKs: what they would say of it is theirs to define.
    yield special(number) ?? { ...drawn, n, who: who === 'carol' && entry !== 'native' ? 'alice' : who };
  }
}

/** Numbers of a batch's orders begin here, so that they are no client's. */
const ofBatches = 1_000_000;

/** An order that is a line of a batch. */
export type Line = Pick<Order, 'number' | 'model' | 'prompt'>;

/** The lines of a batch. @param which  0, 1, ...: tells the batches of a storm apart */
export const drawLines = (chance: Chance, which: number, count: number): Line[] =>
  Array.from({ length: count }, (_, i) => {
    const number = ofBatches * (which + 1) + i;
    const lie = chance.oneIn(3) ? one(chance, lies) : undefined;
    return { number, model: one(chance, models), prompt: promptOf(number, lie) };
  });

/** Which order a prompt belongs to. */
export const orderOf = (prompt: string): number | undefined => {
  const number = /^storm (\d+)/.exec(prompt)?.[1];
  return number === undefined ? undefined : Number(number);
};
