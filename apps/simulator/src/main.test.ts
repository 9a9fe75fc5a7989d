import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

type Line = Record<string, unknown>;

/** The process, and its log lines as they come. */
function start(env: Record<string, string>): { child: ChildProcess; nextLine: () => Promise<Line> } {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./main.ts'))], { env });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, nextLine: async () => JSON.parse((await lines.next()).value ?? 'null') };
}

test('the process says where it listens, logs submissions without their prompt, and ends when told', async () => {
  const { child, nextLine } = start({ SIMULATOR_SEED: '7', SIMULATOR_KEYS: 'sk-a', SIMULATOR_PICTURE: 'tiny' });
  const listening = await nextLine();
  expect(listening).toMatchObject({
    level: 30,
    name: 'simulator',
    msg: 'listening',
    seed: 7,
    time: expect.any(Number),
  });
  const answer = await fetch(`${listening.url}/v1/images/tasks`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-a', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'NanoBanana', prompt: 'a secret pear' }),
  });
  expect(answer.status).toBe(200);
  const submission = await nextLine();
  expect(submission).toMatchObject({ msg: 'submission', model: 'NanoBanana', outcome: 'accepted', keyIndex: 0 });
  expect(JSON.stringify(submission)).not.toMatch(/secret|sk-a/);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a process that was told nonsense says so and does not start', async () => {
  const { child, nextLine } = start({ SIMULATOR_BEHAVIOUR: 'spped=1' });
  expect(await nextLine()).toMatchObject({ level: 60, msg: expect.stringContaining("unknown directive 'spped'") });
  expect(await once(child, 'exit')).toEqual([1, null]);
});
