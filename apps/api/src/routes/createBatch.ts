import { judgeLine } from '@darkroom/shared/admission';
import {
  type FileId,
  fileKey,
  forgetFile,
  inputLines,
  keepFile,
  moneyOf,
  newBatchId,
  newFileId,
  parseLine,
} from '@darkroom/shared/batches';
import { parseFileBatch, parseListBatch } from '@darkroom/shared/dialects';
import { fieldProblem, Problem } from '@darkroom/shared/errors';
import type { RequestHandler, Response } from 'express';
import { apiKeyOf } from '../http/authenticate.ts';
import { findFile } from './batchFiles.ts';
import { type Lines, type OrderBatchDeps, orderBatch } from './orderBatch.ts';

type Deps = OrderBatchDeps & { lineBytesMax: number };

/** `POST /v1/batches`: lines from a file that was uploaded before. */
export function createBatchRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { input_file_id, endpoint, asked } = parseFileBatch(req.body);
    const file = await findFile(deps.records, apiKeyOf(res).id, input_file_id);
    if (file.purpose !== 'batch') {
      throw fieldProblem('invalid_request', 'input_file_id', 'The file was not uploaded with `purpose=batch`.');
    }
    if (asked.dry_run) return void res.json(await estimate(deps, { endpoint, input_file_id }));
    const wish = { asked, input_file_id, endpoint };
    await orderBatch(deps, req, res, { asked, wish, lines: async () => ({ endpoint, input_file_id }) });
  };
}

/** `POST /v1/images/batches`: lines from the request itself. They become a file, as if it had been uploaded. */
export function createListBatchRoute(deps: Deps): RequestHandler {
  return async (req, res) => {
    const { bodies, asked } = parseListBatch(req.body);
    const keepLines = async () => ({
      endpoint: '/v1/images/tasks' as const,
      input_file_id: await keepBodies(deps, res, bodies),
    });
    if (!asked.dry_run) return orderBatch(deps, req, res, { asked, wish: { asked, bodies }, lines: keepLines });
    res.json(await estimateOnce(deps, apiKeyOf(res).id, await keepLines()));
  };
}

async function keepBodies(deps: Deps, res: Response, bodies: readonly object[]): Promise<FileId> {
  const { id: key_id } = apiKeyOf(res);
  const id = newFileId();
  const url = '/v1/images/tasks';
  const lines = bodies.map((body, i) => JSON.stringify({ custom_id: `request-${i}`, method: 'POST', url, body }));
  const text = `${lines.join('\n')}\n`;
  try {
    await deps.store.put(fileKey(id), text, 'application/jsonl');
  } catch (error) {
    const message = 'The requests cannot be stored now; nothing was accepted. Try again.';
    throw new Problem('storage_unavailable', message, { retryAfterSeconds: 5, cause: error });
  }
  const bytes = Buffer.byteLength(text);
  await keepFile(deps.records, {
    id,
    key_id,
    filename: `${id}.jsonl`,
    purpose: 'batch',
    bytes,
    created_at_ms: deps.now(),
  });
  return id;
}

/** An estimate whose lines are kept for it alone, and are gone before it is answered. */
async function estimateOnce(deps: Deps, key_id: string, lines: Lines) {
  try {
    return await estimate(deps, lines);
  } finally {
    await deps.store.removeFolder(lines.input_file_id);
    await forgetFile(deps.records, { id: lines.input_file_id, key_id });
  }
}

/** So many refused lines are told of: whoever has more has made one mistake many times. */
const refusedMax = 1000;

/** What a batch would be: every line is held against its model's rules, and nothing is made. */
async function estimate(deps: Deps, lines: Lines) {
  const batch = { ...lines, id: newBatchId(), priority: 'batch' as const };
  const refused: { line: number; custom_id: string | null; code: string; message: string }[] = [];
  let [count, images, units] = [0, 0, 0];
  for await (const line of inputLines(deps, batch)) {
    count += 1;
    const judged = judgeLine(deps, batch, line);
    if ('request' in judged) {
      images += judged.request.n;
      units += judged.cost;
    } else if (refused.length < refusedMax) {
      const parsed = parseLine(line, lines.endpoint);
      const custom_id = 'custom_id' in parsed ? parsed.custom_id : null;
      refused.push({ line: line.line + 1, custom_id, code: judged.reason.code, message: judged.reason.message });
    }
  }
  const cost = moneyOf(units);
  return { object: 'batch.estimate', lines: count, images, cost, currency: deps.catalogue.currency, refused };
}
