import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../processes/clock.ts';
import { spawnProcess } from '../processes/spawnProcess.ts';
import { type ProcessSpec, type Supervised, supervise } from '../processes/supervise.ts';
import { waitForPing } from '../redis/waitForPing.ts';
import { fakeWorkspace } from '../testing/fakeApps.ts';
import { House } from './house.ts';
import { startProduct } from './startProduct.ts';

/** Four processes start and end; a busy machine needs its time for that. */
const timeout = 60_000;

/** A start with a real Redis and stand-ins for the apps, ended with its test. */
async function setUp({ broken }: { broken?: 'worker' } = {}) {
  const root = await fakeWorkspace(broken);
  const clock = systemClock();
  const children = new Map<string, { spec: ProcessSpec; process: Supervised }>();
  const lines: string[] = [];
  const seen = new EventTarget();
  const line = (text: string) => {
    lines.push(text);
    seen.dispatchEvent(new Event('line'));
  };
  const house = new House((spec) => {
    const process = supervise(spec, {
      spawn: spawnProcess,
      clock,
      onLine: () => {},
      say: (_level, text) => line(text),
    });
    children.set(spec.name, { spec, process });
    return process;
  });
  const stopping = new AbortController();
  onTestFinished(() => house.stop());
  const terminal = { colour: false, interactive: false, line, block: () => {}, endBlock: () => {} };
  const options = { watch: false, stateDir: join(root, '.darkroom'), picturesDir: join(root, 'pictures') };
  const env = { PATH: process.env.PATH, PORT: '0' };
  const start = (once: boolean) =>
    startProduct({ root, env, terminal, house, clock, say: line, signal: stopping.signal }, { ...options, once });
  /** Resolves when a line that holds `text` has been said. */
  const untilSaid = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => void (lines.some((said) => said.includes(text)) && resolve());
      seen.addEventListener('line', look);
      look();
    });
  return { root, house, children, lines, start, stopping, untilSaid, options };
}

test('once: starts all, shows the demonstration, saves its pictures, and leaves nothing behind', {
  timeout,
}, async () => {
  const { root, house, children, lines, start, options } = await setUp();
  expect(await start(true)).toBe(true);
  expect(await readdir(join(root, 'pictures'))).toHaveLength(4);
  expect(lines.join('\n')).toContain('5 of 5 tasks ended as expected.');
  await house.stop();
  expect([...children.values()].map(({ process }) => process.pid)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(await readdir(join(options.stateDir, 'redis'))).not.toContain('lock');
});

test('whichever child is killed is started again, and the stop ends the start', { timeout }, async () => {
  const { children, lines, start, stopping, untilSaid } = await setUp();
  const done = start(false);
  await untilSaid('Ctrl-C ends it all.');
  expect(lines.join('\n')).toContain('user admin, password ');
  for (const [name, message] of [
    ['api', 'listening'],
    ['worker', 'ready'],
    ['simulator', 'listening'],
  ] as const) {
    const { process: app } = children.get(name)!;
    const up = app.untilLine((said) => said.includes(message));
    process.kill(app.pid!, 'SIGKILL');
    await up;
  }
  const redis = children.get('redis')!;
  const url = `redis://127.0.0.1:${redis.spec.args[1]}`;
  process.kill(redis.process.pid!, 'SIGKILL');
  await untilSaid('redis ended (by SIGKILL); it is started again in 200 ms');
  await waitForPing(url, AbortSignal.timeout(10_000));
  stopping.abort();
  expect(await done).toBe(true);
});

test('on save only the app that was saved is started again, and the demonstration is not repeated', {
  timeout,
}, async () => {
  const { root, children, lines, start, stopping, untilSaid, options } = await setUp();
  options.watch = true;
  const done = start(false);
  await untilSaid('Ctrl-C ends it all.');
  const api = children.get('api')!.process.pid;
  const up = children.get('worker')!.process.untilLine((said) => said.includes('ready'));
  await appendFile(join(root, 'apps', 'worker', 'src', 'main.ts'), '// saved');
  await up;
  expect(lines).toContain('sources of worker changed');
  expect(children.get('api')!.process.pid).toBe(api);
  expect(await readdir(join(root, 'pictures'))).toHaveLength(4);
  stopping.abort();
  await done;
});

test('an app that cannot start fails the start with a sentence, not a wait', { timeout }, async () => {
  const { start } = await setUp({ broken: 'worker' });
  await expect(start(true)).rejects.toThrow('worker ended before it was ready (with 1); its reason is above.');
});

test('a second start on the same folder is refused, and does not touch the first one’s Redis', {
  timeout,
}, async () => {
  const first = await setUp();
  void first.start(false).catch(() => {});
  await first.untilSaid('Redis answers');
  const second = await setUp();
  second.options.stateDir = first.options.stateDir;
  await expect(second.start(true)).rejects.toThrow('Another darkroom');
  expect(first.children.get('redis')!.process.pid).toBeDefined();
  first.stopping.abort();
});
