import { json } from 'node:stream/consumers';
import { readBehaviour } from '../behaviour/directiveText.ts';
import { type Refusal, sendJson, sendRefusal } from '../protocol/refusal.ts';
import { findSubmissions, viewTasks } from '../records/views.ts';
import type { Upstream } from '../upstream.ts';
import type { Exchange } from './faults.ts';

const unknownPath: Refusal = { status: 404, code: 'route_not_found', message: 'no such route' };

/** The control surface for other processes of this machine: /__sim/submissions, /__sim/tasks, /__sim/behaviour. */
export async function control(upstream: Upstream, exchange: Exchange, url: URL): Promise<void> {
  const { req, res } = exchange;
  // To anyone else it does not exist.
  if (!isLoopback(req.socket.remoteAddress)) return sendRefusal(res, unknownPath, 'code');
  switch (`${req.method} ${url.pathname}`) {
    case 'GET /__sim/submissions': {
      const prompt = url.searchParams.get('prompt') ?? undefined;
      const idempotencyKey = url.searchParams.get('idempotency_key') ?? undefined;
      return sendJson(res, 200, { submissions: findSubmissions(upstream.ledger, { prompt, idempotencyKey }) });
    }
    case 'GET /__sim/tasks':
      return sendJson(res, 200, { tasks: viewTasks(upstream.ledger, upstream.now()) });
    case 'GET /__sim/behaviour':
      return sendJson(res, 200, { behaviour: upstream.behaviourOf({}) });
    case 'POST /__sim/behaviour':
      return setBehaviour(upstream, exchange);
    default:
      return sendRefusal(res, unknownPath, 'code');
  }
}

async function setBehaviour(upstream: Upstream, { req, res }: Exchange): Promise<void> {
  const body = await json(req).catch(() => undefined);
  const text = (body as { text?: unknown } | undefined)?.text;
  const { behaviour, problems } =
    typeof text === 'string' ? readBehaviour(text) : { behaviour: {}, problems: ['send {"text": "key=value …"}'] };
  if (problems.length > 0)
    return sendRefusal(res, { status: 400, code: 'invalid_directive', message: problems.join('; ') }, 'code');
  upstream.set(behaviour);
  sendJson(res, 200, { behaviour: upstream.behaviourOf({}) });
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}
