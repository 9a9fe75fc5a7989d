import { createHash } from 'node:crypto';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { batchOf, endedBatch, uploaded } from './world/batchRuns.ts';
import { keys } from './world/createWorld.ts';
import { test, type World } from './world/world.ts';

const get = (world: World, id: string, what: string) =>
  fetch(`${world.api.url}/v1/batches/${id}/${what}`, { headers: { authorization: `Bearer ${keys.alice}` } });

type Row = {
  line: number;
  custom_id: string;
  task_id: string | null;
  status: string;
  error_code: string | null;
  cost: string | null;
  images: { url: string; bytes: number; width: number; sha256: string }[];
};

const rowsOf = async (world: World, id: string): Promise<Row[]> =>
  (await (await get(world, id, 'manifest.jsonl')).text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Cells of each row, by RFC 4180. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

/** What an archive holds, read by another library than wrote it. */
async function filesOf(bytes: ArrayBuffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(Buffer.from(bytes));
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    expect(entry.compressionMethod).toBe(0);
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const mixed = [
  { custom_id: 'one', prompt: 'first' },
  { custom_id: 'blocked', prompt: 'bad' },
  { custom_id: 'refused', prompt: 'x', model: 'none' },
  { custom_id: 'pair', prompt: 'second', n: 2 },
];

test('the manifest has a row for every line, with all that came of it', async ({ world }) => {
  const { id } = await endedBatch(world, (await batchOf(world, mixed)).id);
  const rows = await rowsOf(world, id);
  expect(rows).toMatchObject([
    { line: 1, custom_id: 'one', status: 'succeeded', error_code: null, cost: '0.0390' },
    { line: 2, custom_id: 'blocked', status: 'failed', error_code: 'content_policy', cost: '0.0000' },
    { line: 3, custom_id: 'refused', status: 'failed', error_code: 'model_not_enabled', task_id: null, cost: null },
    { line: 4, custom_id: 'pair', status: 'succeeded', cost: '0.0780' },
  ]);
  expect(rows.map(({ images }) => images.length)).toEqual([1, 0, 0, 2]);
  const [image] = rows[0]!.images;
  const picture = await (await fetch(image!.url)).bytes();
  expect({ bytes: picture.length, sha256: sha256Of(picture) }).toEqual({ bytes: image!.bytes, sha256: image!.sha256 });

  const answer = await get(world, id, 'manifest.csv');
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}-manifest.csv"`);
  const [head, ...cells] = cellsOf(await answer.text());
  expect(cells).toHaveLength(4);
  const at = (row: number, column: string) => cells[row]![head!.indexOf(column)]!;
  expect(at(3, 'urls').split(' ')).toEqual(rows[3]!.images.map(({ url }) => url));
  expect(at(3, 'sha256').split(' ')).toEqual(rows[3]!.images.map(({ sha256 }) => sha256));
  expect([at(0, 'task_id'), at(1, 'error_code'), at(2, 'images')]).toEqual([rows[0]!.task_id, 'content_policy', '0']);
});

test('a cell that a spreadsheet would run as a formula is made a text', async ({ world }) => {
  const names = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a,"b"\nc', "=cmd|' /C calc'!A0"];
  const lines = names.map((custom_id) => ({ custom_id, prompt: 'x', model: 'none' }));
  const { id } = await endedBatch(world, (await batchOf(world, lines)).id);
  const cells = cellsOf(await (await get(world, id, 'manifest.csv')).text()).slice(1);
  expect(cells.map(([, custom_id]) => custom_id)).toEqual([
    "'=1+1",
    "'+1",
    "'-1",
    "'@SUM(A1)",
    "'\tx",
    "'\rx",
    'a,"b"\nc',
    "'=cmd|' /C calc'!A0",
  ]);
  expect((await rowsOf(world, id)).map(({ custom_id }) => custom_id)).toEqual(names);
});

test('while a batch runs its manifest shows the lines as they stand, and there is no archive yet', async ({
  world,
}) => {
  const gate = world.upstream.gate('submit', { prompt: 'standing 0' });
  onTestFinished(() => gate.release());
  const lines = [0, 1, 2].map((i) => ({ custom_id: `s${i}`, prompt: `standing ${i}` }));
  const { id } = await batchOf(world, lines, { concurrency: 1 });
  await gate.arrived;
  expect((await rowsOf(world, id)).map(({ status }) => status)).toEqual(['queued', 'waiting', 'waiting']);
  const zip = await get(world, id, 'images.zip');
  expect([zip.status, await zip.json()]).toMatchObject([409, { error: { code: 'batch_not_finished' } }]);
  gate.release();
  await endedBatch(world, id);
  expect((await rowsOf(world, id)).map(({ status }) => status)).toEqual(Array(3).fill('succeeded'));
});

test('a batch that failed as a whole has a manifest without rows, one whose input is gone a manifest without names', async ({
  world,
}) => {
  const input_file_id = await uploaded(world, 'not json\n');
  const json = { input_file_id, endpoint: '/v1/images/tasks', completion_window: '24h' };
  const { body } = await world.client.request<{ id: string }>('POST', '/v1/batches', { json });
  await endedBatch(world, body.id);
  expect(await rowsOf(world, body.id)).toEqual([]);
  expect(cellsOf(await (await get(world, body.id, 'manifest.csv')).text())).toHaveLength(1);
  const batch = await endedBatch(world, (await batchOf(world, mixed.slice(0, 1))).id);
  await world.client.request('DELETE', `/v1/files/${batch.input_file_id}`);
  expect(await rowsOf(world, batch.id)).toMatchObject([{ line: 1, custom_id: null, status: 'succeeded' }]);
});

test('the archive has every picture under a name of ours, as it is stored', async ({ world }) => {
  const { id } = await endedBatch(world, (await batchOf(world, mixed)).id);
  const rows = await rowsOf(world, id);
  const answer = await get(world, id, 'images.zip');
  expect(answer.headers.get('content-type')).toBe('application/zip');
  const files = await filesOf(await answer.arrayBuffer());
  const [one, , , pair] = rows;
  expect([...files.keys()]).toEqual([
    `000001-${one!.task_id}-1.png`,
    `000004-${pair!.task_id}-1.png`,
    `000004-${pair!.task_id}-2.png`,
  ]);
  const sums = rows.flatMap(({ images }) => images.map(({ sha256 }) => sha256));
  expect([...files.values()].map(sha256Of)).toEqual(sums);
});

test('an archive says which pictures it lacks, and one that cannot be read whole breaks off', async ({ world }) => {
  const { id } = await endedBatch(world, (await batchOf(world, mixed)).id);
  const [one, , , pair] = await rowsOf(world, id);
  await rm(join(world.storageDir, pair!.task_id!, '0.png'));
  await world.client.request('DELETE', `/v1/images/tasks/${one!.task_id}`);
  const files = await filesOf(await (await get(world, id, 'images.zip')).arrayBuffer());
  expect([...files.keys()]).toEqual([`000004-${pair!.task_id}-2.png`, 'missing.txt']);
  const missing = `000001: its task was removed\n000004-${pair!.task_id}-1.png: not in storage\n`;
  expect(files.get('missing.txt')!.toString()).toBe(missing);
  expect((await rowsOf(world, id))[0]).toMatchObject({ custom_id: 'one', status: 'removed', task_id: null });
  await truncate(join(world.storageDir, pair!.task_id!, '1.png'), 10);
  const broken = await get(world, id, 'images.zip');
  await expect(broken.arrayBuffer()).rejects.toThrow();
});
