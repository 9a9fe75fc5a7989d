import OpenAI, { toFile } from 'openai';
import { keys } from './createWorld.ts';
import type { World } from './world.ts';

export type BatchLine = { custom_id: string; method?: string; url?: string; body: object };

/** A line of the output or the error file. */
export type BatchAnswer = {
  custom_id: string;
  response: { status_code: number; request_id: string; body: { data: { url: string }[] } } | null;
  error: { code: string } | null;
};

/** OpenAI's own client, on its default settings but for where it goes. */
export const openaiOf = (world: World) => new OpenAI({ baseURL: `${world.api.url}/v1`, apiKey: keys.alice });

/** An input file of the endpoint's lines. */
export const inputFile = (lines: readonly BatchLine[], url = '/v1/images/generations') =>
  toFile(Buffer.from(lines.map((line) => JSON.stringify({ method: 'POST', url, ...line })).join('\n')), 'batch.jsonl');

/** Lines with prompts that tell them apart. @param more  further fields, of each line by its number */
export const linesOf = (count: number, name: string, more: (i: number) => object = () => ({})): BatchLine[] =>
  Array.from({ length: count }, (_, i) => ({
    custom_id: `${name}-${i}`,
    body: { model: 'NanoBanana', prompt: `${name} ${i}`, ...more(i) },
  }));

/** A batch from upload to creation, by OpenAI's own client. @param more  further fields of the batch, ours among them */
export async function startBatch(world: World, lines: readonly BatchLine[], more: object = {}) {
  const client = openaiOf(world);
  const file = await client.files.create({ file: await inputFile(lines), purpose: 'batch' });
  const endpoint = '/v1/images/generations' as const;
  return client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h', ...more });
}

const ends = ['completed', 'failed', 'expired', 'cancelled'];

/** A batch once it has ended. @throws Error with its counts when it has not within `within_ms` */
export async function endedBatch(world: World, id: string, within_ms = 25_000): Promise<OpenAI.Batch> {
  const until = Date.now() + within_ms;
  for (;;) {
    const batch = await openaiOf(world).batches.retrieve(id);
    if (ends.includes(batch.status)) return batch;
    if (Date.now() > until) throw new Error(`still ${batch.status}: ${JSON.stringify(batch.request_counts)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The lines of a batch's file; none when it has none. */
export async function batchAnswers(world: World, fileId: string | null | undefined): Promise<BatchAnswer[]> {
  if (!fileId) return [];
  const text = await (await openaiOf(world).files.content(fileId)).text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
