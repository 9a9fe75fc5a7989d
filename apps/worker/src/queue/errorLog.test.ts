import type { Logger } from '@darkroom/shared/telemetry';
import { expect, test } from 'vitest';
import { errorLog } from './errorLog.ts';

function ownLog() {
  const lines: object[] = [];
  let now = 0;
  const write = (level: string) => (line: object, msg: string) => lines.push({ level, msg, ...line });
  const logger = { warn: write('warn'), debug: write('debug') } as unknown as Logger;
  const tell = errorLog(logger, 'worker error', { channel: 'main' }, () => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { lines, tell, pass };
}

test('the same trouble is told once, and after ten seconds with how often it came', () => {
  const { lines, tell, pass } = ownLog();
  for (let i = 0; i < 500; i++) tell(new Error(`OOM command not allowed. script: ${String(i).padStart(40, 'a')}`));
  expect(lines).toHaveLength(1);
  pass(10_000);
  tell(new Error('OOM command not allowed. script: ffffffffffffffff'));
  expect(lines).toMatchObject([
    { level: 'warn', channel: 'main' },
    { level: 'warn', times: 500 },
  ]);
});

test('other trouble is told at once, and that of lost locks where nobody is bothered', () => {
  const { lines, tell } = ownLog();
  tell(new Error('read ECONNRESET'));
  tell(new Error('MISCONF Errors writing to the AOF file'));
  tell(new Error('could not renew lock for job 1'));
  expect(lines.map((line) => (line as { level: string }).level)).toEqual(['warn', 'warn', 'debug']);
});
