/**
 * Sends once and is told: registers an endpoint, submits a picture, and receives the event of its end.
 *
 *     DARKROOM_KEY=sk-… node examples/02-webhook-receiver.ts
 *
 * The gateway has to reach this program: a start by `pnpm start` delivers to 127.0.0.1, another has to be told so
 * (`WEBHOOK_ALLOW_HTTP`, `WEBHOOK_ALLOWED_CIDRS`). In production the receiver is an https address of yours.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const { DARKROOM_URL = 'http://127.0.0.1:8080', DARKROOM_KEY = '' } = process.env;

async function call<T>(method: string, route: string, body?: object): Promise<T> {
  const response = await fetch(DARKROOM_URL + route, {
    method,
    headers: { authorization: `Bearer ${DARKROOM_KEY}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = (await response.json()) as { message: string; data: T };
  if (!response.ok) throw new Error(`${response.status}: ${answer.message}`);
  return answer.data;
}

type Event = { type: string; data: { task_id: string; status: string; result_urls: string[] } };

let secret = '';
/** An event may come twice, under the same id: remember those that are done, where your data is. */
const done = new Set<string>();
const told = Promise.withResolvers<Event>();

const server = createServer(async (request, response) => {
  const body = await text(request);
  try {
    // Throws when it is not from the gateway, or older than five minutes.
    const event = new Webhook(secret).verify(body, request.headers as Record<string, string>) as Event;
    // Answer first, work then: the gateway waits 15 seconds, and takes everything but a 2xx for a failure.
    response.writeHead(204).end();
    const id = String(request.headers['webhook-id']);
    if (done.has(id)) return;
    done.add(id);
    told.resolve(event);
  } catch {
    response.writeHead(401).end();
  }
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
const endpoint = await call<{ id: string; secret: string }>('POST', '/v1/webhooks', {
  url,
  events: ['task.succeeded'],
});
secret = endpoint.secret; // told this once
const task = await call<{ task_id: string }>('POST', '/v1/images/tasks', {
  model: 'NanoBanana2-0.5K',
  prompt: 'A pear on a table',
});
console.info(`${task.task_id} submitted`);

const { type, data } = await told.promise;
console.info(`${data.task_id} ${type} ${data.result_urls[0]}`);
await call('DELETE', `/v1/webhooks/${endpoint.id}`);
server.close();
