import { getEventListeners, once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { within } from './within.ts';

test('aborts when its time is over, and with its outer signal', async () => {
  const late = within(new AbortController().signal, 1);
  await once(late.signal, 'abort');
  expect(late.signal.reason.name).toBe('TimeoutError');
  const outer = new AbortController();
  const { signal } = within(outer.signal, 60_000);
  outer.abort('closing');
  expect(signal.reason).toBe('closing');
  expect(within(outer.signal, 60_000).signal.aborted).toBe(true);
});

test('what is over keeps neither its timer nor a listener', () => {
  vi.useFakeTimers();
  const outer = new AbortController();
  // A day's deadline, and one that no timer of Node reaches.
  for (const ms of [86_400_000, 1e12]) {
    const limited = within(outer.signal, ms);
    limited.end();
    expect(limited.signal.aborted).toBe(false);
  }
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  vi.useRealTimers();
});
