import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { test } from './world/world.ts';

const run = promisify(execFile);

/** The curl calls of the README, each a command of the shell as it stands. */
async function calls(): Promise<string[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.match(/^curl(?:.*\\\n)*.*$/gm) ?? []);
}

/** Runs a command as a reader would, but for the key and the address. */
async function pasted(world: World, command: string): Promise<unknown> {
  const here = command.replaceAll('http://127.0.0.1:8080', world.api.url);
  const { stdout } = await run('bash', ['-c', here], { env: { PATH: process.env.PATH, KEY: keys.alice } });
  return JSON.parse(stdout);
}

test('every curl of the README works as pasted', async ({ world, skip }) => {
  const hasCurl = await run('curl', ['--version']).then(
    () => true,
    () => false,
  );
  skip(!hasCurl, 'there is no curl on this machine');
  const answers = [];
  for (const command of await calls()) answers.push(await pasted(world, command));
  expect(answers).toMatchObject([
    { code: 'success', data: { status: 'succeeded', result_urls: [expect.any(String)] } },
    { data: [{ url: expect.any(String) }] },
    { candidates: [{ finishReason: 'STOP' }] },
    { object: 'batch', status: 'validating' },
  ]);
});
