import { RetryBatch } from '@darkroom/shared/dialects';
import { BatchAnswer, DeletedAnswer } from './batchAnswers.ts';
import type { Operation } from './operation.ts';

const common = { tag: 'Batches', dialect: 'openai', opens: 'key' } as const;
const running = { 409: 'The batch has not ended' };

/** What is done with a batch once it runs or has ended. */
export const batchResultOperations: readonly Operation[] = [
  {
    ...common,
    method: 'post',
    path: '/v1/batches/{batch_id}/retry',
    summary: 'Run the lines again that failed, were canceled or were not run, as a new batch that names this one',
    headers: {
      'Idempotency-Key': '1-255 characters; the same key and request are answered with the batch that exists',
    },
    body: { schema: RetryBatch, example: { max_cost: '12.50' }, optional: true },
    answers: { 200: { says: 'The new batch', schema: BatchAnswer } },
    refusals: {
      409: 'The batch has not ended, or no line of it has failed',
      422: 'The Idempotency-Key was used for another request',
    },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/batches/{batch_id}/events',
    summary: 'How far a batch has come, as server-sent events, until it has ended',
    headers: { 'Last-Event-ID': 'the last event you had: it is not told again' },
    answers: {
      200: { says: 'An event whenever it has come further', media: 'text/event-stream', events: BatchAnswer },
    },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/batches/{batch_id}/manifest.csv',
    summary: 'A row for each line as it stands: task, status, error, pictures, cost',
    answers: { 200: { says: 'CSV with a header; cells that a spreadsheet would run are escaped', media: 'text/csv' } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/batches/{batch_id}/manifest.jsonl',
    summary: 'The same, a JSON object a line',
    answers: { 200: { says: 'The rows', media: 'application/jsonl' } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/batches/{batch_id}/images.zip',
    summary: 'All pictures of an ended batch',
    answers: { 200: { says: 'The archive; `missing.txt` in it lists what is gone', media: 'application/zip' } },
    refusals: running,
  },
  {
    ...common,
    method: 'delete',
    path: '/v1/batches/{batch_id}',
    summary: 'Remove an ended batch: pictures, prompts, records and files',
    answers: {
      200: { says: 'It is gone', schema: DeletedAnswer },
      202: { says: 'It is gone; its pictures are still being removed', schema: DeletedAnswer },
    },
    refusals: running,
  },
];
