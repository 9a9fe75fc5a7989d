import { expect, test } from 'vitest';
import { Problem } from '../errors/index.ts';
import { Headroom } from './headroom.ts';

function headroomOf(fullness: () => number) {
  let now = 0;
  let reads = 0;
  const read = async () => {
    reads++;
    return fullness();
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { headroom: new Headroom(read, () => now), reads: () => reads, pass };
}

test('memory is read at most once a second, however many ask', async () => {
  const { headroom, reads, pass } = headroomOf(() => 0.5);
  await Promise.all(Array.from({ length: 100 }, () => headroom.demand()));
  pass(999);
  await headroom.demand();
  expect(reads()).toBe(1);
  pass(1);
  await headroom.demand();
  expect(reads()).toBe(2);
});

test('from 80 % on there is no room, and room again by itself', async () => {
  let full = 0.8;
  const { headroom, pass } = headroomOf(() => full);
  const refusal = await headroom.demand().catch((error) => error);
  expect(refusal).toBeInstanceOf(Problem);
  expect(refusal).toMatchObject({ code: 'queue_unavailable', retryAfterSeconds: 5 });
  full = 0.79;
  pass(1000);
  await headroom.demand();
});

test('a failed reading is told, and forgotten', async () => {
  let broken = true;
  const { headroom, reads } = headroomOf(() => {
    if (broken) throw new Error('away');
    return 0;
  });
  await expect(headroom.demand()).rejects.toThrow('away');
  broken = false;
  await headroom.demand();
  expect(reads()).toBe(2);
});
