import { FileBatch, ListBatch } from '@darkroom/shared/dialects';
import { z } from 'zod';
import { BatchAnswer, BatchesAnswer, BatchOrEstimate, DeletedAnswer, FileAnswer, FilesAnswer } from './batchAnswers.ts';
import type { Operation } from './operation.ts';

const common = { tag: 'Batches', dialect: 'openai', opens: 'key' } as const;
const page = { limit: '1-100, 20 where left out', after: 'id of the last item of the page before' };
const key = { 'Idempotency-Key': '1-255 characters; the same key and request are answered with the batch that exists' };

const clash = 'The Idempotency-Key was used for another request';

const Upload = z.object({
  purpose: z.literal('batch'),
  file: z.file().describe('a line for each request: {"custom_id", "method": "POST", "url", "body"}; up to 200 MB'),
});

export const batchOperations: readonly Operation[] = [
  {
    ...common,
    method: 'post',
    path: '/v1/files',
    summary: 'Upload the lines of a batch',
    form: {
      schema: Upload,
      example: {
        purpose: 'batch',
        file: '{"custom_id":"one","method":"POST","url":"/v1/images/generations","body":{"model":"NanoBanana","prompt":"a pear"}}\n',
      },
    },
    answers: { 200: { says: 'The file', schema: FileAnswer } },
    refusals: { 413: 'The file is larger than 200 MB' },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/files',
    summary: 'List the files of this key, newest first',
    query: { ...page, purpose: '`batch` or `batch_output`' },
    answers: { 200: { says: 'A page of files', schema: FilesAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/files/{file_id}',
    summary: 'A file',
    answers: { 200: { says: 'The file', schema: FileAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/files/{file_id}/content',
    summary: 'The lines of a file',
    answers: { 200: { says: 'The lines', media: 'application/jsonl' } },
  },
  {
    ...common,
    method: 'delete',
    path: '/v1/files/{file_id}',
    summary: 'Remove a file',
    answers: { 200: { says: 'It is gone', schema: DeletedAnswer } },
    refusals: { 409: 'A batch that has not ended reads it' },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/batches',
    summary: 'Run the lines of a file',
    headers: key,
    body: {
      schema: FileBatch,
      example: {
        input_file_id: 'file-…',
        endpoint: '/v1/images/generations',
        completion_window: '24h',
        max_cost: '12.50',
      },
    },
    answers: { 200: { says: 'The batch; with `dry_run` what it would be', schema: BatchOrEstimate } },
    refusals: { 404: 'There is no such file, or it is another key’s', 422: clash },
  },
  {
    ...common,
    dialect: 'native',
    method: 'post',
    path: '/v1/images/batches',
    summary: 'Run up to 1,000 requests, or one request with many prompts',
    headers: key,
    body: {
      schema: ListBatch,
      example: { request: { model: 'NanoBanana', aspect_ratio: '1:1' }, prompts: ['a pear', 'a plum'], dry_run: true },
    },
    answers: { 200: { says: 'The batch; with `dry_run` what it would be', schema: BatchOrEstimate } },
    refusals: { 422: clash },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/batches',
    summary: 'List the batches of this key, newest first',
    query: page,
    answers: { 200: { says: 'A page of batches', schema: BatchesAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/batches/{batch_id}',
    summary: 'A batch',
    answers: { 200: { says: 'The batch as it is now', schema: BatchAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/batches/{batch_id}/cancel',
    summary: 'Cancel a batch: what is queued is not run, what is in flight ends, what is done is written out',
    answers: { 200: { says: 'The batch', schema: BatchAnswer } },
    refusals: { 409: 'The batch has ended' },
  },
];
