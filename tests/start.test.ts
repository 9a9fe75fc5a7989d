import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inspectBytes } from '@darkroom/shared/images';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

test('one command starts everything, shows that it works, saves the pictures and ends with success', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-start-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const pictures = join(folder, 'pictures');
  const args = ['apps/cli/src/main.ts', 'start', '--once', '--state', join(folder, 'state'), '--pictures', pictures];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, SIMULATOR_DURATION: 'fixed:200', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);

  expect({ code, output }).toMatchObject({ code: 0 });
  const saved = await Promise.all((await readdir(pictures)).map((name) => readFile(join(pictures, name))));
  const types = saved.map((bytes) => inspectBytes(bytes).media_type).sort();
  expect(types).toEqual(['image/jpeg', 'image/png', 'image/png', 'image/webp']);
  expect(output).toContain('content_policy');
  expect(output).not.toMatch(/sk-[A-Za-z0-9_-]{20}/);
});
