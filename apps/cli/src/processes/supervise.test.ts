import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { CannotGoOn } from '../cannotGoOn.ts';
import { manualClock } from '../testing/manualClock.ts';
import { spawnProcess } from './spawnProcess.ts';
import { type ProcessSpec, supervise } from './supervise.ts';

const spec: ProcessSpec = { name: 'worker', command: 'node', args: ['main.ts'], env: { A: '1' } };

class FakeChild extends EventEmitter {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly signals: string[] = [];
  pid: number | undefined;
  constructor(pid: number | undefined) {
    super();
    this.pid = pid;
  }
  kill(signal: string): boolean {
    this.signals.push(signal);
    return true;
  }
}

function setUp({ missing = false } = {}) {
  const clock = manualClock();
  const children: FakeChild[] = [];
  const specs: ProcessSpec[] = [];
  const said: string[] = [];
  const supervised = supervise(spec, {
    clock,
    spawn: (started) => {
      specs.push(started);
      const child = new FakeChild(missing ? undefined : 100 + children.length);
      children.push(child);
      return child as unknown as ChildProcess;
    },
    onLine: () => {},
    say: (_level, message) => said.push(message),
  });
  return { clock, children, specs, said, supervised, newest: () => children.at(-1)! };
}

test('a dead process is started again with the same command line, after a growing pause, said aloud', async () => {
  const { clock, children, specs, said, supervised, newest } = setUp();
  await supervised.whenReady(Promise.resolve());
  for (const pause_ms of [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]) {
    newest().emit('exit', null, 'SIGKILL');
    expect(said.at(-1)).toBe(`worker ended (by SIGKILL); it is started again in ${pause_ms} ms`);
    const before = children.length;
    clock.advance(pause_ms - 1);
    expect(children).toHaveLength(before);
    clock.advance(1);
    expect(children).toHaveLength(before + 1);
  }
  expect(specs.every((started) => started === spec)).toBe(true);
});

test('after a minute of life the pauses begin anew', async () => {
  const { clock, said, supervised, newest } = setUp();
  await supervised.whenReady(Promise.resolve());
  newest().emit('exit', 1, null);
  clock.advance(200);
  clock.advance(60_000);
  newest().emit('exit', 1, null);
  expect(said).toEqual([
    'worker ended (with 1); it is started again in 200 ms',
    'worker ended (with 1); it is started again in 200 ms',
  ]);
});

test('what ends by itself before it was ready is not started again: the start fails', async () => {
  const { clock, children, supervised, newest } = setUp();
  const up = supervised.whenReady(new Promise(() => {}));
  newest().emit('exit', 1, null);
  await expect(up).rejects.toThrow(new CannotGoOn('worker ended before it was ready (with 1); its reason is above.'));
  clock.advance(100_000);
  expect(children).toHaveLength(1);
});

test('what is killed before it was ready is started again', () => {
  const { clock, children, newest } = setUp();
  newest().emit('exit', null, 'SIGKILL');
  clock.advance(200);
  expect(children).toHaveLength(2);
});

test('a program that cannot be started fails the start', async () => {
  const { supervised, newest } = setUp({ missing: true });
  const up = supervised.whenReady(new Promise(() => {}));
  newest().emit('error', new Error('spawn node ENOENT'));
  await expect(up).rejects.toThrow('worker ended before it was ready (spawn node ENOENT)');
});

test('stopping sends SIGTERM, kills after the grace time, and starts nothing again', async () => {
  const { clock, children, supervised, newest } = setUp();
  await supervised.whenReady(Promise.resolve());
  const stopped = supervised.stop(8000);
  expect(newest().signals).toEqual(['SIGTERM']);
  clock.advance(8000);
  expect(newest().signals).toEqual(['SIGTERM', 'SIGKILL']);
  newest().emit('exit', null, 'SIGKILL');
  await stopped;
  clock.advance(100_000);
  expect(children).toHaveLength(1);
});

test('stopping while a start is due takes it back', async () => {
  const { clock, children, supervised, newest } = setUp();
  await supervised.whenReady(Promise.resolve());
  newest().emit('exit', 1, null);
  await supervised.stop(8000);
  clock.advance(100_000);
  expect(children).toHaveLength(1);
});

test('a restart on save starts at once, without a pause', async () => {
  const { children, supervised, newest } = setUp();
  await supervised.whenReady(Promise.resolve());
  const restarted = supervised.restart(2000);
  newest().emit('exit', 0, null);
  await restarted;
  expect(children).toHaveLength(2);
});

test('a line is waited for across lives', async () => {
  const { clock, supervised, newest } = setUp();
  const said = supervised.untilLine((line) => line === 'ready');
  newest().emit('exit', null, 'SIGKILL');
  clock.advance(200);
  newest().stdout.write('warming up\nready\n');
  expect(await said).toBe('ready');
});

test('a Node child ends when its supervisor is gone', async () => {
  const preload = import.meta.resolve('./endWithParent.ts');
  const args = ['--import', preload, '-e', 'setInterval(() => {}, 1000); process.stdout.write("up")'];
  const child = spawnProcess({ name: 'idle', command: process.execPath, args, env: process.env, channel: true });
  await once(child.stdout!, 'data');
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});

test('the channel to its supervisor does not hold a child that has nothing to do', async () => {
  const preload = import.meta.resolve('./endWithParent.ts');
  const args = ['--import', preload, '-e', '0'];
  const child = spawnProcess({ name: 'done', command: process.execPath, args, env: process.env, channel: true });
  expect(await once(child, 'exit')).toEqual([0, null]);
});
