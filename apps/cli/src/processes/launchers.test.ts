import { expect, test } from 'vitest';
import { manualClock } from '../testing/manualClock.ts';
import { type LookUp, launchersOf, whenLaunchersGone } from './launchers.ts';

const processes = (self: number): Map<number, { parent: number; commandLine: string }> =>
  new Map([
    [self, { parent: 5, commandLine: 'node apps/cli/src/main.ts start' }],
    [5, { parent: 4, commandLine: "sh -c trap 'x' INT; node apps/cli/src/main.ts start" }],
    [4, { parent: 3, commandLine: 'pnpm start' }],
    [3, { parent: 2, commandLine: "sh -c 'pnpm' start" }],
    [2, { parent: 1, commandLine: 'npm exec pnpm start' }],
    [1, { parent: 0, commandLine: 'bash' }],
  ]);

const lookUpIn =
  (known: ReturnType<typeof processes>): LookUp =>
  (pid) =>
    known.get(pid);

test('the chain goes up to npx, not to the shell of whoever typed it', () => {
  expect(launchersOf(6, lookUpIn(processes(6))).map(({ parent }) => parent)).toEqual([5, 4, 3, 2]);
});

test('started by a shell alone, nobody is watched', () => {
  const known = new Map([
    [6, { parent: 1, commandLine: 'node main.ts' }],
    [1, { parent: 0, commandLine: 'bash' }],
  ]);
  expect(launchersOf(6, lookUpIn(known))).toEqual([]);
});

test('an npx that is killed ends the start', () => {
  const known = processes(process.pid);
  const clock = manualClock();
  let ended = 0;
  whenLaunchersGone(clock, () => ended++, lookUpIn(known));
  clock.advance(5000);
  expect(ended).toBe(0);
  known.delete(2);
  known.set(3, { parent: 1, commandLine: "sh -c 'pnpm' start" });
  clock.advance(5000);
  expect(ended).toBe(1);
});
