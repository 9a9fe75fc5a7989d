import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the stand-in API was asked to make. */
export interface Asked {
  model: string;
  prompt: string;
  image?: string;
  key: string;
}

export interface FakeApiOptions {
  enabled: (model: string) => boolean;
  busy?: number;
  port?: number;
  apiKey?: string;
  publicBaseUrl?: string;
}

/**
 * For tests: speaks as much of the native entry as the demonstration uses. A task is queued when created, in progress
 * at the first look and has ended at the second; a prompt with `fail=` ends failed.
 * @param options `enabled`: the models it makes; `busy`: how many calls are answered with 503 first; `port`: 0 for any
 */
export async function fakeApi(options: FakeApiOptions) {
  const { enabled, busy = 0, port = 0, apiKey = 'sk-test', publicBaseUrl = 'https://public.test' } = options;
  const asked: Asked[] = [];
  const looks = new Map<string, number>();
  const picture = Buffer.from('a picture');
  let left = busy;
  const server = createServer(async (req, res) => {
    const answer = (status: number, body: object, headers = {}) =>
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const refuse = (status: number, code: string, headers = {}) =>
      answer(status, { code, message: code, data: null, errors: [] }, headers);
    if (req.url === '/files/0') return res.end(picture);
    if (req.url === '/readyz') return answer(200, { status: 'ready' });
    if (left-- > 0) return refuse(503, 'queue_unavailable', { 'retry-after': '1' });
    if (req.headers.authorization !== `Bearer ${apiKey}`) return refuse(401, 'unauthorized');
    if (req.method === 'POST') {
      const request = { ...(await bodyOf(req)), key: String(req.headers['idempotency-key']) } as Asked;
      if (!enabled(request.model)) return refuse(400, 'model_not_enabled');
      asked.push(request);
      looks.set(`task_${asked.length - 1}`, 0);
      return answer(200, { code: 'success', message: '', data: task(`task_${asked.length - 1}`, 'queued') });
    }
    const id = req.url!.split('/').at(-1)!;
    const look = looks.get(id)! + 1;
    looks.set(id, look);
    const ended = asked[Number(id.slice(5))]!.prompt.includes('fail=') ? 'failed' : 'succeeded';
    return answer(200, { code: 'success', message: '', data: task(id, look < 2 ? 'in_progress' : ended) });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function task(task_id: string, status: string) {
    const images = status === 'succeeded' ? [image()] : [];
    const error =
      status === 'failed' ? { code: 'content_policy', message: 'no', retryable: false, upstream: null } : null;
    return { task_id, status, progress: status === 'succeeded' ? '100%' : '0%', metadata: { images }, error };
  }

  function image() {
    const sha256 = createHash('sha256').update(picture).digest('hex');
    return { url: `${publicBaseUrl}/files/0`, media_type: 'image/png', bytes: 9, width: 8, height: 8, sha256 };
  }

  return { baseUrl, asked, close: () => server.close().closeAllConnections() };
}

async function bodyOf(req: IncomingMessage): Promise<object> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return JSON.parse(text);
}
