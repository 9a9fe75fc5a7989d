import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeResolved } from './judgeResolved.ts';
import { judgeUrl } from './judgeUrl.ts';
import { type Canary, startCanary, startProxy } from './testing/canary.ts';
import { hostileNames, hostileUrls } from './testing/hostileUrls.ts';
import { agentOf, lookupOf, surfaceOf } from './testing/surfaces.ts';

let canary: Canary;
let canary6: Canary | undefined;

beforeAll(async () => {
  canary = await startCanary();
  canary6 = await startCanary('::1', { port: canary.port }).catch(() => undefined); // not every machine has ::1
});
afterAll(async () => {
  await canary.close();
  await canary6?.close();
});

const withPort = (url: string) => url.replace('%PORT', String(canary.port));
const refused = [...hostileUrls.canary, ...hostileUrls.canary6, ...hostileUrls.inner, ...hostileUrls.names];
const knocks = () => canary.heard.connections + (canary6?.heard.connections ?? 0);
/** The canaries' port is open, so that nothing but the address or the name can be the reason of a refusal. */
const ports = () => [80, 443, canary.port];

describe('a canary on loopback', () => {
  test('there are at least 80 hostile URLs, and none twice', () => {
    const all = Object.values(hostileUrls).flat();
    expect(new Set(all).size).toBe(all.length);
    expect(refused.length).toBeGreaterThanOrEqual(80);
  });

  test('hears nothing of any hostile URL, and then the one request that is allowed', async () => {
    const agent = agentOf(surfaceOf({ allowedPorts: ports() }), { lookup: lookupOf(hostileNames) });
    for (const url of refused) {
      await expect(request(withPort(url), { dispatcher: agent }), url).rejects.toMatchObject({
        code: 'EGRESS_REFUSED',
      });
    }
    for (const url of hostileUrls.broken) {
      await expect(async () => request(withPort(url), { dispatcher: agent }), url).rejects.toThrow(/URL|origin/i);
    }
    expect((agent as { stats?: object }).stats, 'a refused origin leaves no pool behind').toEqual({});
    await agent.close();

    // A connection made above would stand before this one in the listener's queue.
    const open = agentOf(surfaceOf({ listed: '127.0.0.0/8, ::1' }));
    await (await request(`http://127.0.0.1:${canary.port}/control`, { dispatcher: open })).body.dump();
    if (canary6) await (await request(`http://[::1]:${canary.port}/control`, { dispatcher: open })).body.dump();
    expect(canary.heard).toEqual({ connections: 1, requests: ['GET /control'] });
    if (canary6) expect(canary6.heard).toEqual({ connections: 1, requests: ['GET /control'] });
    await open.close();
  });

  test('hears every one of them where its addresses are listed, so that the silence above means something', async () => {
    const surface = surfaceOf({ listed: '0.0.0.0/8, 127.0.0.0/8, ::1, ::' });
    const agent = agentOf(surface, { lookup: lookupOf(hostileNames) });
    const names = ['http://localhost:%PORT/', 'http://api.localhost:%PORT/', 'http://loopback.example:%PORT/'];
    for (const url of [...hostileUrls.canary, ...(canary6 ? hostileUrls.canary6 : []), ...names]) {
      const answer = await request(withPort(url), { dispatcher: agent });
      expect(await answer.body.text(), url).toBe('canary');
    }
    await agent.close();
  });
});

test('the proxy of a surface hears nothing of any hostile URL', async () => {
  const proxy = await startProxy(canary.port);
  const before = knocks();
  const surface = surfaceOf({ allowedPorts: ports(), proxyUrl: `http://127.0.0.1:${proxy.port}` });
  const agent = agentOf(surface, { lookup: lookupOf({ ...hostileNames, 'good.example': ['93.184.216.34'] }) });
  for (const url of refused) {
    await expect(request(withPort(url), { dispatcher: agent }), url).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
  }
  await (await request('http://good.example/control', { dispatcher: agent })).body.dump();
  expect(proxy.heard).toEqual({ connections: 1, requests: ['CONNECT 93.184.216.34:80'] });
  expect(knocks()).toBe(before + 1);
  await agent.close();
  await proxy.close();
});

test('judgeUrl refuses every hostile literal', () => {
  const surface = surfaceOf({ allowedPorts: ports() });
  for (const url of [...hostileUrls.canary, ...hostileUrls.canary6, ...hostileUrls.inner, ...hostileUrls.broken]) {
    expect(judgeUrl(withPort(url), surface), url).toMatchObject({ ok: false, reason: expect.any(String) });
  }
});

test('judgeResolved refuses every hostile URL, and tells nothing of where a name leads', async () => {
  const surface = surfaceOf({ allowedPorts: ports() });
  for (const url of [...refused, ...hostileUrls.broken]) {
    const judged = await judgeResolved(withPort(url), surface, { lookup: lookupOf(hostileNames) });
    expect(judged, url).toMatchObject({ ok: false });
    if (!judged.ok) expect(judged.reason, url).not.toMatch(/\d+\.\d+|::|ENOTFOUND/);
  }
});
