import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Refusal, sendRefusal } from '../protocol/refusal.ts';
import type { Upstream } from '../upstream.ts';
import { cancel } from './cancel.ts';
import { control } from './control.ts';
import { query } from './query.ts';
import { result } from './result.ts';
import { submit } from './submit.ts';

const tasksPath = '/v1/images/tasks';
const resultsPath = '/results/';
const noRoute: Refusal = { status: 404, code: 'route_not_found', message: 'no such route' };

/** Answers every request of the server. Plain string comparisons: in a storm this is the hottest code there is. */
export function createRouter(upstream: Upstream) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    route(upstream, req, res).catch((error) => {
      // A client that goes away in the middle is no defect, and nobody is left to tell.
      if (!req.destroyed) upstream.broken(error);
      res.destroy();
    });
  };
}

async function route(upstream: Upstream, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const target = req.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const exchange = { req, res };
  if (path === tasksPath && req.method === 'POST') return submit(upstream, exchange);
  if (path.startsWith(`${tasksPath}/`)) {
    const [id = '', action] = path.slice(tasksPath.length + 1).split('/');
    if (req.method === 'GET' && action === undefined) return query(upstream, exchange, id);
    if (req.method === 'POST' && action === 'cancel') return cancel(upstream, exchange, id);
  }
  if (path.startsWith(resultsPath) && req.method === 'GET')
    return result(upstream, exchange, path.slice(resultsPath.length), mark < 0 ? '' : target.slice(mark));
  if (path.startsWith('/__sim/')) return control(upstream, exchange, new URL(target, 'http://simulator'));
  sendRefusal(res, noRoute, upstream.behaviourOf({}).error_body);
}
