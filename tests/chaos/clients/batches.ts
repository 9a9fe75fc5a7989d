import { setTimeout as pause } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import type { LineOf } from '../history/lines.ts';
import type { ClientDeps } from './native.ts';
import type { Line } from './orders.ts';

export type BatchEnd = LineOf<'end'>['batches'][number];

const customId = ({ number }: Line) => `order-${number}`;

/** Pause before a client asks again. */
const againMs = 500;

/** A batch is to run all through the storm. */
const slowly = { concurrency: 2 };

const ends = ['completed', 'failed', 'expired', 'cancelled'];

/** Repeats what may be repeated until it is answered: calls that read, and creations under a key. */
async function insist<T>({ isOver }: ClientDeps, send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (isOver()) throw error;
      await pause(againMs);
    }
  }
}

/** Runs the orders as one batch by OpenAI's client, from the upload of its file to what came of each line. */
export async function runFileBatch(deps: ClientDeps, orders: readonly Line[]): Promise<BatchEnd> {
  const lines = orders.map((order) => {
    const body = { model: order.model, prompt: order.prompt };
    return JSON.stringify({ custom_id: customId(order), method: 'POST', url: '/v1/images/generations', body });
  });
  const make = async () => {
    const client = clientOf(deps);
    const file = await toFile(Buffer.from(lines.join('\n')), 'storm.jsonl');
    const { id } = await insist(deps, () => client.files.create({ file, purpose: 'batch' }));
    const batch = { input_file_id: id, endpoint: '/v1/images/generations', completion_window: '24h' } as const;
    const headers = { 'idempotency-key': `file-${orders[0]?.number}` };
    return insist(deps, () => clientOf(deps).batches.create({ ...batch, ...slowly }, { headers }));
  };
  return seeThrough(deps, await make(), orders.map(customId));
}

/** Runs the orders as one batch that comes in the request itself. */
export async function runNativeBatch(deps: ClientDeps, orders: readonly Line[]): Promise<BatchEnd> {
  const body = { requests: orders.map(({ model, prompt }) => ({ model, prompt })), ...slowly };
  const headers = { 'idempotency-key': `native-${orders[0]?.number}` };
  const made = await insist(deps, () => clientOf(deps).post<OpenAI.Batch>('/images/batches', { body, headers }));
  return seeThrough(
    deps,
    made,
    orders.map((_, i) => `request-${i}`),
  );
}

const clientOf = ({ house, chance }: ClientDeps) =>
  new OpenAI({ baseURL: `${house.urls[chance.below(house.urls.length)]}/v1`, apiKey: house.keys.alice });

async function seeThrough(deps: ClientDeps, made: OpenAI.Batch, wanted: string[]): Promise<BatchEnd> {
  let batch = made;
  while (!ends.includes(batch.status)) {
    await pause(againMs);
    batch = await insist(deps, () => clientOf(deps).batches.retrieve(made.id));
  }
  const answered: string[] = [];
  for (const file of [batch.output_file_id, batch.error_file_id]) {
    if (!file) continue;
    const text = await insist(deps, async () => (await clientOf(deps).files.content(file)).text());
    for (const line of text.split('\n').filter(Boolean)) answered.push(JSON.parse(line).custom_id);
  }
  const { total, completed, failed } = batch.request_counts!;
  return { id: batch.id, status: batch.status, total, completed, failed, answered, wanted };
}
