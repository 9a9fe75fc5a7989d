import { chmod, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepSecrets } from './secrets.ts';

const newDir = () => mkdtemp(join(tmpdir(), 'darkroom-secrets-'));
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

test('secrets are made once, strong, and readable by their owner only', async () => {
  const dir = await newDir();
  const secrets = await keepSecrets(dir);
  expect(secrets.api_key).toMatch(/^sk-[\w-]{43}$/);
  expect(secrets.signing_keys).toMatch(/^k1:[\w-]{43}$/);
  expect(new Set(Object.values(secrets)).size).toBe(4);
  expect(await modeOf(join(dir, 'secrets.json'))).toBe(0o600);
  expect(await keepSecrets(dir)).toEqual(secrets);
  expect(await readdir(dir)).toEqual(['secrets.json']);
});

test('ten first starts at once agree on one set', async () => {
  const dir = await newDir();
  const all = await Promise.all(Array.from({ length: 10 }, () => keepSecrets(dir)));
  expect(new Set(all.map(({ api_key }) => api_key)).size).toBe(1);
});

test('a file that others could read is closed to them', async () => {
  const dir = await newDir();
  await keepSecrets(dir);
  await chmod(join(dir, 'secrets.json'), 0o644);
  await keepSecrets(dir);
  expect(await modeOf(join(dir, 'secrets.json'))).toBe(0o600);
});

test('a damaged file is said to be damaged, without its content', async () => {
  const dir = await newDir();
  await writeFile(join(dir, 'secrets.json'), '{"api_key": "sk-precious"');
  const kept = keepSecrets(dir);
  await expect(kept).rejects.toThrow('is damaged; remove it');
  await expect(kept).rejects.not.toThrow('precious');
});
