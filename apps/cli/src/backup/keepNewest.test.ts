import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOfTest } from '../testing/backups.ts';
import { keepNewest } from './keepNewest.ts';

test('the newest backups stay, and whatever is no backup of ours', async () => {
  const folder = await folderOfTest();
  const names = [3, 1, 2].map((day) => `darkroom-2026010${day}T000000Z`);
  for (const name of [...names, 'darkroom-20250101T000000Z', 'mine']) await mkdir(join(folder, name));
  for (const name of [...names, 'mine']) await writeFile(join(folder, name, 'manifest.json'), '{}');
  expect(await keepNewest(folder, 2)).toEqual(['darkroom-20260101T000000Z']);
  const left = ['darkroom-20250101T000000Z', 'darkroom-20260102T000000Z', 'darkroom-20260103T000000Z', 'mine'];
  expect((await readdir(folder)).sort()).toEqual(left);
  expect(await keepNewest(folder, 2)).toEqual([]);
});
