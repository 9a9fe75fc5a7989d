import { gzipSync } from 'node:zlib';
import type { Behaviour } from '../behaviour/directives.ts';
import { noSuchTask, type Refusal, sendRefusal } from '../protocol/refusal.ts';
import { phaseAt, type UpstreamTask } from '../records/upstreamTask.ts';
import type { Upstream } from '../upstream.ts';
import { type Exchange, isRefusal, playEndless, playRefusal, playReset, slowMs, wait } from './faults.ts';
import { type ResultName, readResultName } from './resultUrl.ts';

const expired: Refusal = { status: 403, code: 'url_expired', message: 'this URL has expired' };

/** GET /results/{name}: the picture, without any key, as behind a signed URL. `search`: the URL's query string. */
export async function result(upstream: Upstream, exchange: Exchange, name: string, search: string): Promise<void> {
  const { res } = exchange;
  const named = readResultName(name);
  const task = named && upstream.ledger.tasks.get(named.taskId);
  if (!task || named.index >= task.order.n) return sendRefusal(res, noSuchTask, 'code');
  task.downloads += 1;
  const download = (task.downloadsByIndex[named.index] ?? 0) + 1;
  task.downloadsByIndex[named.index] = download;
  upstream.ledger.changed();
  await upstream.gates.pass('download', task.prompt);
  const now = upstream.now();
  const behaviour = upstream.behaviourOf(task.own);
  if (phaseAt(task, now).phase !== 'succeeded') return sendRefusal(res, noSuchTask, behaviour.error_body);
  if (isExpired(task, named, behaviour, now)) return sendRefusal(res, expired, behaviour.error_body);
  const { download: asked, download_times: times } = behaviour;
  // A redirect has led here already: the second hop is the picture.
  const strikes = (times === 0 || download <= times) && search !== '?moved';
  await send(exchange, strikes ? asked : 'ok', behaviour, {
    bytes: () => upstream.gallery.picture(task, named.index),
    contentType: `image/${task.order.outputFormat}`,
    moved: `/results/${name}?moved`,
  });
}

function isExpired(task: UpstreamTask, { issuedAt }: ResultName, { expire }: Behaviour, now: number): boolean {
  return expire > 0 && now - (issuedAt ?? task.createdAt + task.durationMs) > expire;
}

type File = { bytes: () => Promise<Buffer>; contentType: string; moved: string };

async function send(exchange: Exchange, fault: Behaviour['download'], behaviour: Behaviour, file: File): Promise<void> {
  const { res } = exchange;
  if (isRefusal(fault)) return void playRefusal(exchange, fault, behaviour, 'default');
  if (fault === 'hang') return;
  if (fault === 'reset') return playReset(exchange);
  if (fault === 'redirect' || fault.startsWith('redirect:')) {
    res.writeHead(302, { location: fault === 'redirect' ? file.moved : fault.slice('redirect:'.length) });
    return void res.end();
  }
  if (fault === 'empty') return sendBytes(exchange, file.contentType, Buffer.alloc(0));
  if (fault === 'garbage')
    return sendBytes(exchange, file.contentType, Buffer.from('this is not a picture\n'.repeat(64)));
  const bytes = await file.bytes();
  const half = bytes.subarray(0, bytes.length >> 1);
  const delay = slowMs(fault);
  if (fault === 'wrong_type') return sendBytes(exchange, 'text/html', bytes);
  if (fault === 'gzip') return sendBytes(exchange, file.contentType, gzipSync(bytes), { 'content-encoding': 'gzip' });
  if (fault === 'endless') return void playEndless(exchange, file.contentType, bytes);
  if (fault !== 'truncated' && delay === undefined) return sendBytes(exchange, file.contentType, bytes);
  res.writeHead(200, { 'content-type': file.contentType, 'content-length': bytes.length });
  if (delay === undefined) return void res.write(half, () => res.destroy());
  res.write(half);
  await wait(delay, exchange);
  res.end(bytes.subarray(half.length));
}

function sendBytes({ res }: Exchange, contentType: string, bytes: Buffer, headers: Record<string, string> = {}) {
  res.writeHead(200, { 'content-type': contentType, 'content-length': bytes.length, ...headers });
  res.end(bytes);
}
