import { upkeepQueue } from '@darkroom/shared/queues';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { adminOnly } from './admin/basicAuth.ts';
import { boardRouter } from './admin/board.ts';
import { auditedChange } from './admin/changes.ts';
import { channelShower, channelsRoute } from './admin/channels.ts';
import { duplicatesRoute } from './admin/duplicates.ts';
import { changeChannelRoute, pauseChannelRoute, resumeChannelRoute } from './admin/operateChannel.ts';
import { orphansRoute } from './admin/orphans.ts';
import { batchRoutes } from './batchRoutes.ts';
import type { AppDeps, Deps } from './deps.ts';
import { Tellings } from './events/tellings.ts';
import { accessLog } from './http/accessLog.ts';
import { authenticate } from './http/authenticate.ts';
import { closeWhileDraining } from './http/closeWhileDraining.ts';
import { dialectOf } from './http/dialectOf.ts';
import { errorHandler } from './http/errorHandler.ts';
import { jsonBody } from './http/jsonBody.ts';
import { requestId } from './http/requestId.ts';
import { allow, noRoute } from './http/routing.ts';
import { requestLimit } from './limits/requestLimit.ts';
import { metricsRoute } from './metrics/metricsRoute.ts';
import { asOneRoute, requestMetrics } from './metrics/requestMetrics.ts';
import { docsRouter, openapiRoute } from './openapi/docsPage.ts';
import { openapiDocument } from './openapi/document.ts';
import { fileUse } from './routes/batches.ts';
import { cancelTaskRoute } from './routes/cancelTask.ts';
import { createTaskRoute } from './routes/createTask.ts';
import { deleteTaskRoute } from './routes/deleteTask.ts';
import { keyEventsRoute, taskEventsRoute } from './routes/events.ts';
import { filesRoute } from './routes/files.ts';
import { taskFinder } from './routes/findTask.ts';
import { generateContentRoute } from './routes/generateContent.ts';
import { getTaskRoute } from './routes/getTask.ts';
import { healthRoute, readyRoute } from './routes/health.ts';
import { listTasksRoute } from './routes/listTasks.ts';
import { modelRoute, modelsRoute } from './routes/models.ts';
import { editImagesRoute, generateImagesRoute } from './routes/openaiImages.ts';
import {
  endpointDeliveriesRoute,
  recoverRoute,
  redeliverOfTaskRoute,
  redeliverToEndpointRoute,
  taskDeliveriesRoute,
} from './routes/webhookDeliveries.ts';
import {
  changeEndpointRoute,
  createEndpointRoute,
  endpointRoute,
  keySecretRoute,
  listEndpointsRoute,
  removeEndpointRoute,
  rotateEndpointRoute,
  rotateKeySecretRoute,
  testEndpointRoute,
} from './routes/webhookEndpoints.ts';

/** The whole HTTP surface. */
export function createApp(appDeps: AppDeps): Express {
  const { records, logger, clients } = appDeps;
  const found = {
    isInUse: fileUse(records),
    findTask: taskFinder(appDeps.readTask),
    showChannel: channelShower(appDeps),
    tellings: new Tellings(appDeps),
  };
  const deps = { ...appDeps, ...found };
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  // The API is often reached over plain http within a network; an upgrade would break every page of it.
  app.use(helmet({ contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } } }));
  app.use(requestId, accessLog(logger), requestMetrics(deps.metrics), closeWhileDraining(deps.isDraining));
  openRoutes(app, deps);
  adminRoutes(app, deps);
  app.use(['/v1', '/v1beta'], authenticate(clients), requestLimit(deps));
  taskRoutes(app, deps);
  openaiRoutes(app, deps);
  batchRoutes(app, deps);
  webhookRoutes(app, deps);
  modelRoutes(app, deps);
  app.use(noRoute);
  app.use(errorHandler(logger, dialectOf));
  return app;
}

/** Routes that ask for no key. */
function openRoutes(app: Express, deps: Deps): void {
  app.route('/healthz').get(healthRoute).all(allow('GET', 'HEAD'));
  app
    .route('/readyz')
    .get(readyRoute({ ...deps, ...deps.records }))
    .all(allow('GET', 'HEAD'));
  app
    .route('/openapi.json')
    .get(openapiRoute(openapiDocument(deps.publicUrl)))
    .all(allow('GET', 'HEAD'));
  app.use('/docs', asOneRoute('/docs'), docsRouter());
  app.route('/files/:task/:name').get(filesRoute(deps)).all(allow('GET', 'HEAD'));
}

/** Routes of whoever operates it. */
function adminRoutes(app: Express, deps: Deps): void {
  const { admin, logger, queues, records } = deps;
  app.use(['/admin', '/metrics'], adminOnly(admin.password));
  app.route('/metrics').get(metricsRoute(deps.expose)).all(allow('GET', 'HEAD'));
  app.route('/admin/channels').get(channelsRoute(deps)).all(allow('GET', 'HEAD'));
  app.route('/admin/orphans').get(orphansRoute(deps)).all(allow('GET', 'HEAD'));
  app.route('/admin/duplicates').get(duplicatesRoute(deps)).all(allow('GET', 'HEAD'));
  const change = auditedChange(logger);
  app
    .route('/admin/channels/:id')
    .patch(change, jsonBody(deps.bodyBytesMax), changeChannelRoute(deps))
    .all(allow('PATCH'));
  app.route('/admin/channels/:id/pause').post(change, pauseChannelRoute(deps)).all(allow('POST'));
  app.route('/admin/channels/:id/resume').post(change, resumeChannelRoute(deps)).all(allow('POST'));
  const allQueues = [...queues.values(), deps.batches, deps.deliveries, upkeepQueue(records.redis, records.keys)];
  const board = { path: '/admin/queues', queues: allQueues, write: admin.boardWrite, logger };
  app.use('/admin/queues', asOneRoute('/admin/queues'), boardRouter(board));
}

function taskRoutes(app: Express, deps: Deps): void {
  app
    .route('/v1/images/tasks')
    .get(listTasksRoute(deps))
    .post(jsonBody(deps.bodyBytesMax), createTaskRoute(deps))
    .all(allow('GET', 'HEAD', 'POST'));
  app
    .route('/v1/images/tasks/:task_id')
    .get(getTaskRoute(deps))
    .delete(deleteTaskRoute(deps))
    .all(allow('GET', 'HEAD', 'DELETE'));
  app.route('/v1/images/tasks/:task_id/events').get(taskEventsRoute(deps)).all(allow('GET', 'HEAD'));
  app.route('/v1/events').get(keyEventsRoute(deps)).all(allow('GET', 'HEAD'));
  app.route('/v1/images/tasks/:task_id/cancel').post(cancelTaskRoute(deps)).all(allow('POST'));
}

/** OpenAI's images. */
function openaiRoutes(app: Express, deps: Deps): void {
  app.route('/v1/images/generations').post(generateImagesRoute(deps)).all(allow('POST'));
  app.route('/v1/images/edits').post(editImagesRoute(deps)).all(allow('POST'));
}

function webhookRoutes(app: Express, deps: Deps): void {
  const body = jsonBody(deps.bodyBytesMax);
  app
    .route('/v1/webhooks')
    .get(listEndpointsRoute(deps))
    .post(body, createEndpointRoute(deps))
    .all(allow('GET', 'HEAD', 'POST'));
  app.route('/v1/webhooks/secret').get(keySecretRoute(deps)).all(allow('GET', 'HEAD'));
  app.route('/v1/webhooks/secret/rotate').post(rotateKeySecretRoute(deps)).all(allow('POST'));
  app
    .route('/v1/webhooks/:endpoint_id')
    .get(endpointRoute(deps))
    .patch(body, changeEndpointRoute(deps))
    .delete(removeEndpointRoute(deps))
    .all(allow('GET', 'HEAD', 'PATCH', 'DELETE'));
  const one = '/v1/webhooks/:endpoint_id';
  app.route(`${one}/rotate`).post(rotateEndpointRoute(deps)).all(allow('POST'));
  app.route(`${one}/test`).post(testEndpointRoute(deps)).all(allow('POST'));
  app.route(`${one}/recover`).post(body, recoverRoute(deps)).all(allow('POST'));
  app.route(`${one}/deliveries`).get(endpointDeliveriesRoute(deps)).all(allow('GET', 'HEAD'));
  app.route(`${one}/deliveries/:delivery_id/redeliver`).post(redeliverToEndpointRoute(deps)).all(allow('POST'));
  const task = '/v1/images/tasks/:task_id';
  app.route(`${task}/deliveries`).get(taskDeliveriesRoute(deps)).all(allow('GET', 'HEAD'));
  app.route(`${task}/deliveries/:delivery_id/redeliver`).post(redeliverOfTaskRoute(deps)).all(allow('POST'));
}

/** Models in both dialects, and Gemini's calls of one. */
function modelRoutes(app: Express, deps: Deps): void {
  // Google's client asks under /v1, its documentation under /v1beta.
  for (const root of ['/v1', '/v1beta']) {
    app.route(`${root}/models`).get(modelsRoute(deps)).all(allow('GET', 'HEAD'));
    app
      .route(`${root}/models/:model`)
      .get(modelRoute(deps))
      .post(jsonBody(deps.bodyBytesMax), generateContentRoute(deps))
      .all(allow('GET', 'HEAD', 'POST'));
  }
}
