import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, pause, Stop, stopOf, stoppable, throwIfStopped } from './stop.ts';

describe('the pause before another try', () => {
  const tries = fc.nat({ max: 2000 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('doubles up to its bound, half of it at random', () => {
    const shortest = [0, 1, 2, 3, 4, 5].map((n) => backoff(n, 1000, 10_000, () => 0));
    expect(shortest).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
    expect(backoff(1, 1000, 10_000, () => 0.5)).toBe(1500);
  });

  test('is never shorter than half the first, nor longer than the bound', () => {
    fc.assert(
      fc.property(tries, fc.integer({ min: 1, max: 10_000 }), random, (n, first_ms, drawn) => {
        const ms = backoff(n, first_ms, 60_000, () => drawn);
        expect(ms).toBeGreaterThanOrEqual(first_ms / 2);
        expect(ms).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});

test.each(['closing', 'canceled', 'lease_lost', 'claim_lost'])('an abort for %s is a stop for it', (reason) => {
  expect(stopOf(AbortSignal.abort(reason)).reason).toBe(reason);
  expect(() => throwIfStopped(AbortSignal.abort(reason))).toThrow(reason);
});

test('an abort for any other reason is read as another holder', () => {
  for (const reason of [undefined, new Error('boom'), 'odd', 7]) {
    expect(stopOf(AbortSignal.abort(reason)).reason).toBe('lease_lost');
  }
});

test('what is not aborted goes on', async () => {
  const { signal } = new AbortController();
  throwIfStopped(signal);
  await pause(0, signal);
  await pause(-5, signal);
  expect(await stoppable(signal, async () => 7)).toBe(7);
});

test('an abort ends a pause at once, and an aborted one does not begin', async () => {
  const controller = new AbortController();
  const paused = pause(3_600_000, controller.signal);
  controller.abort('closing');
  await expect(paused).rejects.toEqual(new Stop('closing'));
  await expect(pause(3_600_000, controller.signal)).rejects.toEqual(new Stop('closing'));
});

test('what fails because of an abort is a stop; what fails by itself is not', async () => {
  const controller = new AbortController();
  const aborting = stoppable(controller.signal, async () => {
    controller.abort('canceled');
    throw new Error('AbortError');
  });
  await expect(aborting).rejects.toEqual(new Stop('canceled'));
  let ran = false;
  const late = stoppable(controller.signal, async () => {
    ran = true;
  });
  await expect(late).rejects.toEqual(new Stop('canceled'));
  expect(ran).toBe(false);
  const failing = stoppable(new AbortController().signal, () => Promise.reject(new Error('boom')));
  await expect(failing).rejects.toThrow('boom');
});
