import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { keys, type World } from './world/createWorld.ts';
import { hostileImages } from './world/hostileImages.ts';
import { png } from './world/pictures.ts';
import { test } from './world/world.ts';

const model = 'NanoBanana';
const prompt = 'never submitted';
const authorization = `Bearer ${keys.alice}`;

/** What a request is refused with, and in whose words. */
type Refusal = { status: number; said: string };

async function post(
  world: World,
  path: string,
  body: string | FormData | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Refusal> {
  const response = await fetch(world.api.url + path, { method: 'POST', headers: { authorization, ...headers }, body });
  return { status: response.status, said: await response.text() };
}

const json = (world: World, path: string, body: unknown) =>
  post(world, path, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': 'application/json' });

function form(image: Buffer): FormData {
  const data = new FormData();
  data.append('model', model);
  data.append('prompt', prompt);
  data.append('image', new Blob([new Uint8Array(image)], { type: 'image/png' }), 'innocent.png');
  return data;
}

/** The most memory a process has held since it was last asked, MiB. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  // The peak starts anew from here.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
  return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
}

const isRefused = ({ status }: Refusal) => status >= 400 && status < 500;

test('no bomb, polyglot or broken picture is taken in by any entry, and memory stays within 100 MB of before', async ({
  world,
}) => {
  const processes = [world.api, world.worker];
  for (const { pid } of processes) await peakOf(pid);
  const before = await Promise.all(processes.map(({ pid }) => peakOf(pid)));
  for (const [what, bytes] of Object.entries(hostileImages)) {
    const data = bytes.toString('base64');
    const answers = {
      native: await json(world, '/v1/images/tasks', {
        model,
        prompt,
        image: { b64_json: data, media_type: 'image/png' },
      }),
      uri: await json(world, '/v1/images/tasks', { model, prompt, images: [`data:image/png;base64,${data}`] }),
      openai: await post(world, '/v1/images/edits', form(bytes)),
      gemini: await json(world, `/v1beta/models/${model}:generateContent`, {
        contents: [{ parts: [{ text: prompt }, { inlineData: { mimeType: 'image/png', data } }] }],
      }),
    };
    for (const [entry, answer] of Object.entries(answers)) {
      expect(isRefused(answer), `${what} through ${entry}: ${answer.status} ${answer.said}`).toBe(true);
    }
    expect(JSON.parse(answers.native.said)).toMatchObject({ code: 'image_unreadable' });
    expect(JSON.parse(answers.openai.said)).toMatchObject({ error: { code: 'image_unreadable', param: 'image[0]' } });
    expect(JSON.parse(answers.gemini.said)).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
  }
  const after = await Promise.all(processes.map(({ pid }) => peakOf(pid)));
  for (const [i, most] of after.entries()) expect(most - before[i]!).toBeLessThan(100);
  expect(Object.keys(hostileImages).length).toBeGreaterThanOrEqual(20);
  expect(world.upstream.submissions()).toEqual([]);
});

test('a body that unpacks to a gigabyte is refused, and memory stays within 100 MB of before', async ({ world }) => {
  await peakOf(world.api.pid);
  const before = await peakOf(world.api.pid);
  // Packed twice over, piece by piece: the test itself must not hold what it unpacks to.
  const piece = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '), { level: 9 });
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const answer = await post(world, '/v1/images/tasks', new Uint8Array(Buffer.concat(Array(16).fill(piece))), headers);
  expect(answer.status).toBe(413);
  expect((await peakOf(world.api.pid)) - before).toBeLessThan(100);
});

test('forms that are none, or more than one may be, are refused', async ({ world }) => {
  const multipart = (body: string | Uint8Array<ArrayBuffer>, boundary = 'b') =>
    post(world, '/v1/images/edits', body, { 'content-type': `multipart/form-data; boundary=${boundary}` });
  const part = (name: string, value = 'x') =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const cases: Record<string, Refusal> = {
    'no boundary': await post(world, '/v1/images/edits', part('model'), { 'content-type': 'multipart/form-data' }),
    'cut off': await multipart(part('model')),
    'no form at all': await multipart('nothing'),
    'ten thousand fields': await multipart(`${part('labels[a]').repeat(10_000)}--b--\r\n`),
    'a hundred files': await multipart(`${part('image"; filename="a.png').repeat(100)}--b--\r\n`),
    'a header without end': await multipart(`--b\r\ncontent-disposition: form-data; name="${'a'.repeat(1_000_000)}`),
    'a prompt of a megabyte': await multipart(`${part('prompt', 'a'.repeat(2 ** 20))}--b--\r\n`),
    'nested where nothing nests': await multipart(`${part('model[a][b]')}--b--\r\n`),
    'a prototype': await multipart(`${part('__proto__[a]')}--b--\r\n`),
  };
  for (const [what, answer] of Object.entries(cases)) {
    expect(isRefused(answer), `${what}: ${answer.status} ${answer.said}`).toBe(true);
    expect(JSON.parse(answer.said), what).toMatchObject({ error: { type: 'invalid_request_error' } });
  }
});

test('bodies of too much depth or too many members are refused in the words of their entry', async ({ world }) => {
  const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i])));
  for (const path of ['/v1/images/tasks', '/v1/images/generations', `/v1beta/models/${model}:generateContent`]) {
    for (const body of [deep, wide]) {
      const answer = await json(world, path, body);
      expect(answer.status, `${path}: ${answer.said.slice(0, 200)}`).toBe(400);
      expect(answer.said.length).toBeLessThan(20_000);
    }
  }
});

test('a file’s name and type say nothing: what counts is what it is', async ({ world }) => {
  const data = new FormData();
  data.append('model', model);
  data.append('prompt', 'oddly named');
  data.append('image', new Blob([new Uint8Array(png)], { type: 'text/html' }), '../../../etc/passwd\u0000.svg');
  expect((await post(world, '/v1/images/edits', data)).status).toBe(200);
});
