import type { PublicBatch } from '@darkroom/shared/batches';
import { awaited } from './awaited.ts';
import type { Client } from './client.ts';
import { keys, type World } from './createWorld.ts';

const model = 'NanoBanana';

/** A request line by its `custom_id`; one whose prompt begins with `bad` is blocked by the upstream's policy. */
export type Asked = { custom_id: string; prompt: string; model?: string; n?: number };

export const lineOf = ({ custom_id, prompt, ...more }: Asked) =>
  JSON.stringify({
    custom_id,
    method: 'POST',
    url: '/v1/images/tasks',
    body: { model, prompt: prompt.startsWith('bad') ? `${prompt} [[sim: fail=content_policy]]` : prompt, ...more },
  });

/** Uploads lines as a file. @returns its id */
export async function uploaded(world: World, text: string): Promise<string> {
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', new Blob([text]), 'lines.jsonl');
  const headers = { authorization: `Bearer ${keys.alice}` };
  const answer = await fetch(`${world.api.url}/v1/files`, { method: 'POST', headers, body: form });
  return ((await answer.json()) as { id: string }).id;
}

/** Has lines run. */
export async function batchOf(world: World, lines: readonly Asked[], more: object = {}): Promise<PublicBatch> {
  const input_file_id = await uploaded(world, `${lines.map(lineOf).join('\n')}\n`);
  const json = { input_file_id, endpoint: '/v1/images/tasks', completion_window: '24h', ...more };
  const { status, body } = await world.client.request<PublicBatch>('POST', '/v1/batches', { json });
  if (status !== 200) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

export const readBatch = async ({ request }: Client, id: string): Promise<PublicBatch> =>
  (await request<PublicBatch>('GET', `/v1/batches/${id}`)).body;

const ends = ['completed', 'failed', 'expired', 'cancelled'];

/** A batch once it has ended. */
export async function endedBatch({ client }: Pick<World, 'client'>, id: string): Promise<PublicBatch> {
  let batch: PublicBatch | undefined;
  await awaited(async () => {
    batch = await readBatch(client, id);
    return ends.includes(batch.status);
  });
  return batch!;
}

/** A line of an output or error file. */
export type AnswerLine = { custom_id: string; response: { request_id: string } | null; error: { code: string } | null };

/** The lines of a file, in its order; none where there is no file. */
export async function linesOfFile(world: World, fileId: string | null): Promise<AnswerLine[]> {
  if (fileId === null) return [];
  const { body } = await world.client.request<string | object>('GET', `/v1/files/${fileId}/content`);
  // A file of one line is JSON as a whole.
  if (typeof body !== 'string') return [body as AnswerLine];
  return body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
