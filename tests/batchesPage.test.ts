import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { keys } from './world/createWorld.ts';
import { test } from './world/world.ts';

const run = promisify(execFile);

/** The commands of the page, in its order: each goes on with what those before it have set. */
async function commands(): Promise<string> {
  const page = await readFile(new URL('../docs/batches.md', import.meta.url), 'utf8');
  const all = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!).join('');
  // Not every answer ends its line.
  return all.replaceAll(/^curl(?:.*\\\n)*.*$/gm, '$&\necho');
}

test('every command of the batches page works as pasted', async ({ world, skip }) => {
  const hasCurl = await run('curl', ['--version']).then(
    () => true,
    () => false,
  );
  skip(!hasCurl, 'there is no curl on this machine');
  const cwd = await mkdtemp(join(tmpdir(), 'darkroom-page-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const here = (await commands()).replaceAll('http://127.0.0.1:8080', world.api.url);
  const env = { PATH: process.env.PATH, KEY: keys.alice };
  const { stdout } = await run('bash', ['-euc', here], { cwd, env });
  const answers = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(stdout).toContain('event: batch.completed');
  expect(answers).toContainEqual(expect.objectContaining({ custom_id: 'plum', status: 'succeeded' }));
  expect(answers).toContainEqual(expect.objectContaining({ custom_id: 'none', error_code: 'model_not_enabled' }));
  const csv = await readFile(join(cwd, 'manifest.csv'), 'utf8');
  expect(
    csv
      .split('\r\n')
      .slice(1, 4)
      .map((row) => row.split(',')[1]),
  ).toEqual(['pear', 'plum', 'none']);
  const zip = await fromBufferPromise(await readFile(join(cwd, 'images.zip')));
  expect(zip.entryCount).toBe(2);
  const [retry, removed] = answers.slice(-2);
  expect(retry).toMatchObject({ object: 'batch', darkroom: { parent_id: removed.id, max_cost: '1.00' } });
  expect(removed).toMatchObject({ object: 'batch', deleted: true });
});
