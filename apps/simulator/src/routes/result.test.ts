import { loadImage } from '@napi-rs/canvas';
import { request } from 'undici';
import { describe, expect } from 'vitest';
import { type Client, type Clock, test } from '../testing/startedSimulator.ts';

async function resultOf(client: Client, clock: Clock, directive: string): Promise<string> {
  const id = await client.accepted(`x [[sim: ${directive}]]`);
  clock.advance(100);
  return (await client.query(id)).body.data.result_url!;
}

const read = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('a result', () => {
  test('is served without a key, once the task has succeeded', async ({ client, clock, simulator }) => {
    const url = await resultOf(client, clock, '');
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect((await loadImage(await read(response))).width).toBe(64);
    expect((await fetch(url.replace('-0.', '-1.'))).status).toBe(404);
    expect((await fetch(`${simulator.url}/results/../etc`)).status).toBe(404);
    const early = await client.accepted('not yet');
    expect((await fetch(`${simulator.url}/results/${early}-0.png`)).status).toBe(404);
  });

  test('expires, and a new query issues a fresh URL', async ({ client, clock }) => {
    const id = await client.accepted('x [[sim: expire=1000]]');
    clock.advance(100);
    const url = async () => (await client.query(id)).body.data.result_url!;
    const first = await url();
    expect((await fetch(first)).status).toBe(200);
    clock.advance(1001);
    const answer = await fetch(first);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'url_expired']);
    expect((await fetch(await url())).status).toBe(200);
  });
});

describe('a fault of the download', () => {
  test.for(['403', '404', '500', '503'])('%s refuses', async (fault, { client, clock }) => {
    expect((await fetch(await resultOf(client, clock, `download=${fault}`))).status).toBe(Number(fault));
  });

  test('strikes the first downloads of a picture only', async ({ client, clock }) => {
    const url = await resultOf(client, clock, 'download=500 download_times=2');
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await fetch(url)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('truncated ends before the length that was promised', async ({ client, clock }) => {
    const response = await fetch(await resultOf(client, clock, 'download=truncated'));
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  test('wrong_type calls a picture a page', async ({ client, clock }) => {
    const response = await fetch(await resultOf(client, clock, 'download=wrong_type'));
    expect(response.headers.get('content-type')).toBe('text/html');
    expect((await loadImage(await read(response))).width).toBe(64);
  });

  test('garbage and empty are no pictures', async ({ client, clock }) => {
    const garbage = await read(await fetch(await resultOf(client, clock, 'download=garbage')));
    await expect(loadImage(garbage)).rejects.toThrow();
    expect(await read(await fetch(await resultOf(client, clock, 'download=empty')))).toHaveLength(0);
  });

  test('endless does not stop', async ({ client, clock }) => {
    const response = await fetch(await resultOf(client, clock, 'download=endless'));
    let bytes = 0;
    for await (const chunk of response.body!) {
      bytes += chunk.length;
      if (bytes > 4_000_000) break;
    }
    expect(bytes).toBeGreaterThan(4_000_000);
  });

  test('redirect leads to the picture, or wherever it is told', async ({ client, clock }) => {
    const response = await fetch(await resultOf(client, clock, 'download=redirect'));
    expect([response.redirected, response.status]).toEqual([true, 200]);
    const away = await resultOf(client, clock, 'download=redirect:http://169.254.169.254/latest');
    const { statusCode, headers, body } = await request(away);
    await body.dump();
    expect([statusCode, headers.location]).toEqual([302, 'http://169.254.169.254/latest']);
  });

  test('reset and hang never answer', async ({ client, clock, simulator }) => {
    await expect(fetch(await resultOf(client, clock, 'download=reset'))).rejects.toThrow();
    const hanging = expect(fetch(await resultOf(client, clock, 'download=hang'))).rejects.toThrow();
    await simulator.until(() => simulator.tasks()[1]?.downloads === 1);
    await simulator.close();
    await hanging;
  });

  test('slow pauses half way', async ({ client, clock }) => {
    const response = await fetch(await resultOf(client, clock, 'download=slow:10'));
    expect((await loadImage(await read(response))).width).toBe(64);
  });

  test('gzip compresses though nobody asked', async ({ client, clock }) => {
    const { headers, body } = await request(await resultOf(client, clock, 'download=gzip'));
    const bytes = Buffer.from(await body.arrayBuffer());
    expect(headers['content-encoding']).toBe('gzip');
    expect([bytes[0], bytes[1]]).toEqual([0x1f, 0x8b]);
  });
});
