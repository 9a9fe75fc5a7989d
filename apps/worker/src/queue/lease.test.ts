import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Leases } from './lease.ts';

const duration_ms = 10_000;

function leasesAt(start: number) {
  const clock = { ms: start };
  return { clock, leases: new Leases(duration_ms, () => clock.ms) };
}

test('a lease holds until its lock runs out, counted from when its request was sent', () => {
  const { leases, clock } = leasesAt(1000);
  leases.begin('a', 400);
  clock.ms = 400 + duration_ms - 1;
  expect(leases.holds('a')).toBe(true);
  clock.ms += 1;
  expect(leases.holds('a')).toBe(false);
});

test('there is no lease on a job that was never begun, or has ended', () => {
  const { leases } = leasesAt(0);
  expect(leases.holds('a')).toBe(false);
  leases.begin('a', 0);
  leases.end('a');
  expect(leases.holds('a')).toBe(false);
});

test('a renewal that comes late makes a lapsed lease hold again', () => {
  const { leases, clock } = leasesAt(0);
  leases.begin('a', 0);
  clock.ms = duration_ms + 500;
  expect(leases.holds('a')).toBe(false);
  leases.renewed(['a'], duration_ms);
  expect(leases.holds('a')).toBe(true);
});

test('a renewal neither begins a lease nor brings back an ended one', () => {
  const { leases } = leasesAt(0);
  leases.begin('b', 0);
  leases.end('b');
  leases.renewed(['a', 'b'], 0);
  expect([leases.holds('a'), leases.holds('b')]).toEqual([false, false]);
});

test('whatever happens, a lease never outlives the lock', () => {
  const job = fc.constantFrom('a', 'b');
  const step = fc.record({ job, what: fc.constantFrom('begin', 'renew', 'end', 'look'), after: fc.nat({ max: 8000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), fc.nat({ max: 3000 }), (steps, delay) => {
      const { leases, clock } = leasesAt(0);
      const locks = new Map<string, number>();
      for (const { job, what, after } of steps) {
        const sentAt = clock.ms;
        // The request reaches Redis some time after it was sent; there the lock begins.
        clock.ms += after;
        if (what === 'end') {
          leases.end(job);
          locks.delete(job);
        } else if (what === 'begin' || (what === 'renew' && locks.has(job))) {
          if (what === 'begin') leases.begin(job, sentAt);
          else leases.renewed([job], sentAt);
          locks.set(job, sentAt + Math.min(delay, after) + duration_ms);
        }
        for (const name of ['a', 'b']) {
          if (leases.holds(name)) expect(locks.get(name)).toBeGreaterThan(clock.ms);
        }
      }
    }),
  );
});
