import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { manualClock } from '../testing/manualClock.ts';
import { stopSignal } from './stopSignal.ts';

test('the first Ctrl-C ends, its echoes do nothing, a second one hurries', () => {
  const source = new EventEmitter();
  const clock = manualClock();
  let hurried = 0;
  const stopping = stopSignal(source, clock, () => hurried++);
  source.emit('SIGINT');
  expect(stopping.signal.aborted).toBe(true);
  clock.advance(300);
  source.emit('SIGINT');
  expect(hurried).toBe(0);
  clock.advance(2000);
  source.emit('SIGINT');
  expect(hurried).toBe(1);
  stopping.close();
  expect(source.eventNames()).toEqual([]);
});
