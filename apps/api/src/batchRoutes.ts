import type { Express } from 'express';
import type { Deps } from './deps.ts';
import { jsonBody, optionalJsonBody } from './http/jsonBody.ts';
import { allow } from './http/routing.ts';
import { batchRoute, cancelBatchRoute, listBatchesRoute } from './routes/batches.ts';
import { deleteFileRoute, fileContentRoute, fileRoute, listFilesRoute, uploadFileRoute } from './routes/batchFiles.ts';
import { imagesZipRoute, manifestCsvRoute, manifestJsonlRoute } from './routes/batchResults.ts';
import { createBatchRoute, createListBatchRoute } from './routes/createBatch.ts';
import { deleteBatchRoute } from './routes/deleteBatch.ts';
import { batchEventsRoute } from './routes/events.ts';
import { retryBatchRoute } from './routes/retryBatch.ts';

/** OpenAI's files and batches, and batches of ours. */
export function batchRoutes(app: Express, deps: Deps): void {
  app
    .route('/v1/files')
    .get(listFilesRoute(deps))
    .post(uploadFileRoute(deps))
    .all(allow('GET', 'HEAD', 'POST'));
  app
    .route('/v1/files/:file_id')
    .get(fileRoute(deps))
    .delete(deleteFileRoute(deps))
    .all(allow('GET', 'HEAD', 'DELETE'));
  app.route('/v1/files/:file_id/content').get(fileContentRoute(deps)).all(allow('GET', 'HEAD'));
  app
    .route('/v1/batches')
    .get(listBatchesRoute(deps))
    .post(jsonBody(deps.bodyBytesMax), createBatchRoute(deps))
    .all(allow('GET', 'HEAD', 'POST'));
  const one = '/v1/batches/:batch_id';
  app
    .route(one)
    .get(batchRoute(deps))
    .delete(deleteBatchRoute(deps))
    .all(allow('GET', 'HEAD', 'DELETE'));
  app.route(`${one}/events`).get(batchEventsRoute(deps)).all(allow('GET', 'HEAD'));
  app.route(`${one}/manifest.csv`).get(manifestCsvRoute(deps)).all(allow('GET', 'HEAD'));
  app.route(`${one}/manifest.jsonl`).get(manifestJsonlRoute(deps)).all(allow('GET', 'HEAD'));
  app.route(`${one}/images.zip`).get(imagesZipRoute(deps)).all(allow('GET', 'HEAD'));
  app.route(`${one}/retry`).post(optionalJsonBody(deps.bodyBytesMax), retryBatchRoute(deps)).all(allow('POST'));
  app.route(`${one}/cancel`).post(cancelBatchRoute(deps)).all(allow('POST'));
  app.route('/v1/images/batches').post(jsonBody(deps.bodyBytesMax), createListBatchRoute(deps)).all(allow('POST'));
}
