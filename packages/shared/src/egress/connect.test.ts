import { connect, type Socket } from 'node:net';
import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import { guardConnect, type OpenTcp } from './connect.ts';
import { startCanary } from './testing/canary.ts';
import { lookupOf, surfaceOf } from './testing/surfaces.ts';

/** An agent whose TCP ends on 127.0.0.1 whatever it was asked for, as if a route or a library betrayed us. */
function betrayedAgent(port: number, listed = '') {
  const sockets: Socket[] = [];
  const openTcp: OpenTcp = (_to, callback) => {
    const socket = connect(port, '127.0.0.1', () => callback(null, socket));
    sockets.push(socket);
  };
  const deps = { lookup: lookupOf({}), connectTimeoutMs: 5000, openTcp };
  return { agent: new Agent({ connect: guardConnect(surfaceOf({ listed }), deps) }), sockets };
}

test('a socket whose peer is not allowed is destroyed before a byte is written, with and without TLS', async () => {
  const canary = await startCanary();
  const { agent, sockets } = betrayedAgent(canary.port);
  for (const url of ['http://93.184.216.34/', 'https://93.184.216.34/', 'http://public.example/']) {
    await expect(request(url, { dispatcher: agent }), url).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
      reason: 'the address may not be called',
    });
  }
  expect(sockets.map(({ destroyed, bytesWritten }) => ({ destroyed, bytesWritten }))).toEqual(
    Array(3).fill({ destroyed: true, bytesWritten: 0 }),
  );
  expect(canary.heard.requests).toEqual([]);
  await agent.close();
  await canary.close();
});

test('the same socket carries the request where its peer is listed', async () => {
  const canary = await startCanary();
  const { agent } = betrayedAgent(canary.port, '127.0.0.1');
  await (await request('http://93.184.216.34/', { dispatcher: agent })).body.dump();
  expect(canary.heard.requests).toEqual(['GET /']);
  await agent.close();
  await canary.close();
});
