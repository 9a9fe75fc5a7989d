import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../terminal/terminal.ts';
import { fakeApi } from '../testing/fakeApi.ts';
import { progressBoard } from './progressBoard.ts';
import { runDemonstration } from './runDemonstration.ts';
import { savePicture } from './savePicture.ts';
import { taskApi } from './taskApi.ts';

async function setUp(options: Parameters<typeof fakeApi>[0]) {
  const fake = await fakeApi(options);
  onTestFinished(fake.close);
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-pictures-'));
  const lines: string[] = [];
  const pauses: number[] = [];
  const terminal: Terminal = {
    colour: false,
    interactive: false,
    line: (text) => void lines.push(text),
    block: () => {},
    endBlock: () => {},
  };
  const clock = { now_ms: () => 0, pause: async (wait_ms: number) => void pauses.push(wait_ms) };
  const { signal } = new AbortController();
  const api = taskApi({
    baseUrl: fake.baseUrl,
    publicBaseUrl: 'https://public.test',
    apiKey: 'sk-test',
    clock,
    signal,
  });
  const save = (...picture: Parameters<typeof savePicture> extends [string, ...infer Rest] ? Rest : never) =>
    savePicture(dir, ...picture);
  const deps = { api, board: progressBoard(terminal), clock, save, newKey: randomUUID, signal };
  return { fake, dir, lines, pauses, run: (simulated: boolean) => runDemonstration(deps, { simulated }) };
}

test('three pictures, an edit of one of them and a refusal end as expected, their pictures saved', async () => {
  const { fake, dir, lines, run } = await setUp({ enabled: () => true });
  const { ok, outcomes } = await run(true);
  expect(outcomes.map((outcome) => [outcome.task?.status, outcome.ok])).toEqual([
    ['succeeded', true],
    ['succeeded', true],
    ['succeeded', true],
    ['succeeded', true],
    ['failed', true],
  ]);
  expect(ok).toBe(true);
  expect(fake.asked.map(({ image }) => image).filter(Boolean)).toEqual([
    `data:image/png;base64,${Buffer.from('a picture').toString('base64')}`,
  ]);
  expect(new Set(fake.asked.map(({ key }) => key)).size).toBe(5);
  expect(await readdir(dir)).toHaveLength(4);
  expect(lines.filter((line) => line.includes('image/png 8x8 1 KB'))).toHaveLength(4);
});

test('against a real upstream nothing is asked that it would refuse', async () => {
  const { fake, run } = await setUp({ enabled: () => true });
  expect(await run(false)).toMatchObject({ ok: true });
  expect(fake.asked.some(({ prompt }) => prompt.includes('[[sim'))).toBe(false);
});

test('a model that is not enabled gives way to another of its family, and a family to none', async () => {
  const { fake, run } = await setUp({ enabled: (model) => model === 'NanoBanana2-2K' });
  const { ok, outcomes } = await run(false);
  expect(ok).toBe(true);
  expect(outcomes.filter(({ skipped }) => skipped)).toHaveLength(2);
  expect(fake.asked.map(({ model }) => model)).toEqual(['NanoBanana2-2K', 'NanoBanana2-2K']);
});

test('where no model is enabled the demonstration has failed', async () => {
  const { run } = await setUp({ enabled: () => false });
  expect(await run(false)).toMatchObject({ ok: false });
});

test('an API that answers 503 is asked again after the time it names', async () => {
  const { pauses, run } = await setUp({ enabled: () => true, busy: 4 });
  expect(await run(true)).toMatchObject({ ok: true });
  expect(pauses.filter((wait_ms) => wait_ms === 1000)).toHaveLength(4);
});
