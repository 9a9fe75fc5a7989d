import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { test } from './world/world.ts';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));

/** Runs an example as its head says. @returns what it printed @throws Error with it, when it failed */
async function run(world: World, name: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, DARKROOM_URL: world.api.url, DARKROOM_KEY: keys.alice };
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, name), ...args], { env });
  return stdout;
}

async function ownFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-example-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('submit and wait', async ({ world }) => {
  const path = join(await ownFolder(), 'pear.png');
  expect(await run(world, '01-submit-and-wait.ts', 'An example', path)).toContain('succeeded');
  expect((await stat(path)).size).toBeGreaterThan(50);
  expect(world.upstream.submissions({ prompt: 'An example' })).toHaveLength(1);
});

test('a webhook receiver', async ({ world }) => {
  expect(await run(world, '02-webhook-receiver.ts')).toMatch(/task_\w+ task\.succeeded http/);
});

test('a batch of a CSV of prompts overnight', async ({ world }) => {
  const dir = await ownFolder();
  const csv = join(dir, 'prompts.csv');
  await writeFile(csv, 'id,prompt\na,A pear\nb,"A plum, on a table"\nc,=A fig\n');
  const first = await run(world, '03-overnight-batch.ts', csv, dir);
  expect(first).toContain('completed');
  const [id] = first.split('\n');
  expect(await run(world, '03-overnight-batch.ts', csv, dir)).toContain(id);
  const manifest = await readFile(join(dir, 'manifest.csv'), 'utf8');
  expect(manifest.trim().split('\n')).toHaveLength(4);
  expect((await stat(join(dir, 'images.zip'))).size).toBeGreaterThan(200);
});

test('there is no example that is not run here', async () => {
  const tested = await readFile(new URL(import.meta.url), 'utf8');
  const all = globSync('*.ts', { cwd: folder });
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter((name) => !tested.includes(`'${name}'`))).toEqual([]);
});
