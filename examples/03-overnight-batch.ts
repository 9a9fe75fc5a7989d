/**
 * Runs a CSV of prompts as one batch in the cheap hours, by OpenAI's own client, and writes what came of each line.
 *
 *     DARKROOM_KEY=sk-… node examples/03-overnight-batch.ts prompts.csv results
 *
 * The CSV has the columns `id` and `prompt`. The program may be stopped and started again: the batch is the gateway's, and
 * the same file makes the same batch.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import OpenAI, { toFile } from 'openai';

const { DARKROOM_URL = 'http://127.0.0.1:8080', DARKROOM_KEY = '', RUN_WINDOW = '00:00-23:59' } = process.env;
const [csvPath = 'prompts.csv', folder = 'results'] = process.argv.slice(2);

const client = new OpenAI({ baseURL: `${DARKROOM_URL}/v1`, apiKey: DARKROOM_KEY });

const csv = await readFile(csvPath);
await mkdir(folder, { recursive: true });
// Kept before the batch is made: with the same file and the same key, a second start gets the same batch.
const filePath = join(folder, `${createHash('sha256').update(csv).digest('hex').slice(0, 16)}.file`);
const file_id = await readFile(filePath, 'utf8').catch(() => upload());
await writeFile(filePath, file_id);

async function upload(): Promise<string> {
  const rows = parse(csv, { columns: true, skip_empty_lines: true }) as { id: string; prompt: string }[];
  const lines = rows.map(({ id, prompt }) =>
    JSON.stringify({
      custom_id: id,
      method: 'POST',
      url: '/v1/images/generations',
      body: { model: 'NanoBanana2-0.5K', prompt },
    }),
  );
  const file = await toFile(Buffer.from(lines.join('\n')), 'in.jsonl');
  return (await client.files.create({ file, purpose: 'batch' })).id;
}

const [from, to] = RUN_WINDOW.split('-');
const order = {
  input_file_id: file_id,
  endpoint: '/v1/images/generations',
  completion_window: '24h',
  // The gateway's own fields: when it may run, what it may cost, how many at once.
  run_window: { from, to, time_zone: 'Europe/Berlin' },
  max_cost: '50.00',
  concurrency: 200,
} as const;
let batch = await client.batches.create(order, { headers: { 'Idempotency-Key': file_id } });
console.info(batch.id);

while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
  await setTimeout(2000);
  batch = await client.batches.retrieve(batch.id);
  const { completed, failed, total } = batch.request_counts!;
  console.info(`${batch.status}: ${completed} done, ${failed} failed of ${total}`);
}

if (batch.output_file_id) {
  const output = await (await client.files.content(batch.output_file_id)).text();
  await writeFile(join(folder, 'output.jsonl'), output);
}
for (const name of ['manifest.csv', 'images.zip']) {
  const response = await fetch(`${DARKROOM_URL}/v1/batches/${batch.id}/${name}`, {
    headers: { authorization: `Bearer ${DARKROOM_KEY}` },
  });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  await pipeline(response.body!, createWriteStream(join(folder, name)));
}
console.info(`${batch.status}; see ${folder}/manifest.csv and ${folder}/images.zip`);
