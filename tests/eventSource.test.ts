import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { keys } from './world/createWorld.ts';
import { test } from './world/world.ts';

const browser = '/usr/bin/chromium';

/** A page that listens with the browser's own EventSource and says what it heard. */
const page = `<!doctype html><script>
  const heard = [];
  const source = new EventSource('/events');
  for (const name of ['task.queued', 'task.started', 'task.progress', 'task.succeeded']) {
    source.addEventListener(name, (event) => {
      heard.push([name, JSON.parse(event.data).status, event.lastEventId !== '']);
      if (name === 'task.succeeded') { source.close(); fetch('/heard', { method: 'POST', body: JSON.stringify(heard) }); }
    });
  }
</script>`;

/** An application's own server: it knows the API key, its page does not. */
async function application(eventsUrl: string, heard: (text: string) => void): Promise<{ url: string; server: Server }> {
  const server = createServer(async (req, res) => {
    if (req.url === '/events') {
      const headers = { authorization: `Bearer ${keys.alice}`, 'last-event-id': req.headers['last-event-id'] ?? '' };
      request(eventsUrl, { headers }, (events) => {
        res.writeHead(events.statusCode!, events.headers);
        events.pipe(res);
      }).end();
    } else if (req.url === '/heard') {
      heard(await text(req));
      res.end();
    } else res.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

test('a browser’s EventSource sees a task begin and end', async ({ world, skip }) => {
  const there = await access(browser).then(
    () => true,
    () => false,
  );
  skip(!there, 'there is no Chromium on this machine');
  const gate = world.upstream.gate('submit', { prompt: 'watched by a browser' });
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: 'watched by a browser' });
  const { promise, resolve } = Promise.withResolvers<string>();
  const { url, server } = await application(`${world.api.url}/v1/images/tasks/${task_id}/events`, resolve);
  const profile = await mkdtemp(join(tmpdir(), 'darkroom-browser-'));
  const chromium: ChildProcess = spawn(
    browser,
    [...flags, ...quiet, `--user-data-dir=${profile}`, '--remote-debugging-port=0', url],
    {
      stdio: 'ignore',
    },
  );
  onTestFinished(async () => {
    const gone = new Promise((done) => chromium.once('exit', done));
    chromium.kill('SIGKILL');
    await gone;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  await new Promise<void>((done) => server.on('request', (req) => req.url === '/events' && done()));
  gate.release();
  const heard = JSON.parse(await promise) as [name: string, status: string, hasId: boolean][];
  expect(heard.at(-1)).toEqual(['task.succeeded', 'succeeded', true]);
  expect(heard.map(([name]) => name)).toContain('task.started');
}, 60_000);
