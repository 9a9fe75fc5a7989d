import { expect, test } from 'vitest';
import { formatLogLine } from './logLine.ts';

const time = new Date(2026, 10, 25, 12, 1, 2).getTime();
const pino = (fields: object) => JSON.stringify({ level: 30, time, pid: 7, hostname: 'h', name: 'api', ...fields });

test('a pino line reads as name, time, level, message and fields', () => {
  const line = pino({ msg: 'listening', url: 'http://127.0.0.1:8080', ms: 3, note: 'two words', nested: { a: [1] } });
  expect(formatLogLine('api', line, false)).toBe(
    'api       12:01:02 INFO  listening url=http://127.0.0.1:8080 ms=3 note="two words" nested={"a":[1]}',
  );
});

test('a Redis line reads the same', () => {
  expect(formatLogLine('redis', '10:M 25 Nov 2026 12:01:02.122 # Server initialized', false)).toBe(
    'redis     12:01:02 WARN  Server initialized',
  );
});

test('what is no JSON follows the name as it is', () => {
  expect(formatLogLine('worker', '  at main (file.ts:1)', false)).toBe('worker      at main (file.ts:1)');
  expect(formatLogLine('worker', '{"a": 1}', false)).toBe('worker    {"a": 1}');
});

test('an error stands below its line, with its stack', () => {
  const line = pino({ level: 50, msg: 'broken', err: { message: 'no', stack: 'Error: no\n    at x' } });
  expect(formatLogLine('api', line, false)).toBe(
    'api       12:01:02 ERROR broken\n          Error: no\n              at x',
  );
});

test('nothing that a child writes can steer the terminal', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m';
  for (const line of [
    evil,
    pino({ msg: evil }),
    pino({ msg: 'x', note: evil }),
    pino({ msg: 'x', err: { stack: evil } }),
  ]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(formatLogLine('api', line, false)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});

test('colour only where it is asked for', () => {
  expect(formatLogLine('api', pino({ msg: 'hi' }), true)).toContain('\u001b[');
});
