import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { script, UnknownScriptAnswer } from './script.ts';

const redisOf = redisOfFile();

/** Writes a script's file, and the files it includes. */
async function fileOf(source: string, includes: Record<string, string> = {}): Promise<URL> {
  const directory = await mkdtemp(join(tmpdir(), 'darkroom-lua-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, 'includes'));
  for (const [name, text] of Object.entries(includes)) {
    await writeFile(join(directory, 'includes', `${name}.lua`), text);
  }
  await writeFile(join(directory, 'tried.lua'), source);
  return pathToFileURL(join(directory, 'tried.lua'));
}

const contract = { keys: ['from', 'to'], args: ['a', 'b'], returns: ['fine', 'odd'] } as const;
const [names, values] = [
  { to: '{t}:2', from: '{t}:1' },
  { b: 2, a: 'one' },
];

test('keys and arguments come in the order of the contract, whatever the order of the call', async () => {
  const run = script(await fileOf("return { 'fine', KEYS[1], KEYS[2], ARGV[1], ARGV[2], #KEYS, #ARGV }"), contract);
  expect(await run(redisOf.redis, names, values)).toEqual({
    word: 'fine',
    rest: ['{t}:1', '{t}:2', 'one', '2', 2, 2],
  });
});

test('a bare word is an answer too', async () => {
  const run = script(await fileOf("return 'odd'"), contract);
  expect(await run(redisOf.redis, names, values)).toEqual({ word: 'odd', rest: [] });
});

test.each(["'other'", 'nil', '7', '{}', "{ 'other' }", 'false'])(
  'the unlisted answer %s is rejected',
  async (answer) => {
    const run = script(await fileOf(`return ${answer}`), contract);
    const answered = run(redisOf.redis, names, values);
    await expect(answered).rejects.toThrow(UnknownScriptAnswer);
    await expect(answered).rejects.toThrow('tried.lua answered a word it does not list');
  },
);

test('a script that Redis has forgotten is sent again', async () => {
  const run = script(await fileOf("return { 'fine', redis.call('INCR', KEYS[1]) }"), contract);
  const once = { from: '{t}:count', to: '{t}:2' };
  expect(await run(redisOf.redis, once, values)).toMatchObject({ rest: [1] });
  await redisOf.redis.script('FLUSH');
  expect(await run(redisOf.redis, once, values)).toMatchObject({ rest: [2] });
  expect(await run(redisOf.redis, once, values)).toMatchObject({ rest: [3] });
});

test('a script’s own error is passed on, and the script does not run twice for it', async () => {
  const file = await fileOf("redis.call('INCR', KEYS[1]) return redis.error_reply('ODD things')");
  const run = script(file, contract);
  const once = { from: '{t}:failing', to: '{t}:2' };
  await expect(run(redisOf.redis, once, values)).rejects.toThrow('ODD things');
  await expect(run(redisOf.redis, once, values)).rejects.toThrow('ODD things');
  expect(await redisOf.redis.get('{t}:failing')).toBe('2');
});

test('included files stand where they are named', async () => {
  const file = await fileOf('-- a header\n-- @include word\nreturn word()\n', {
    word: "local function word() return 'fine' end",
  });
  expect(await script(file, contract)(redisOf.redis, names, values)).toEqual({ word: 'fine', rest: [] });
});

test('a file that is not there is an error of the first call, not of the import', async () => {
  const run = script(new URL('file:///nowhere/missing.lua'), contract);
  await expect(run(redisOf.redis, names, values)).rejects.toThrow('ENOENT');
});
