import tls from 'node:tls';
import { type Dispatcher, request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { judgeResolved } from './judgeResolved.ts';
import { EgressRefused } from './refusal.ts';
import { type Canary, closedPort, startCanary } from './testing/canary.ts';
import { testCertificate } from './testing/certificate.ts';
import { agentOf, lookupOf, surfaceOf } from './testing/surfaces.ts';

let canary: Canary;
let agents: Dispatcher[];

beforeEach(async () => {
  agents = [];
  canary = await startCanary();
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.destroy()));
  await canary.close();
});

const made: typeof agentOf = (surface, options) => {
  const agent = agentOf(surface, options);
  agents.push(agent);
  return agent;
};
const refused = { code: 'EGRESS_REFUSED', name: 'EgressRefused' };

describe('a name', () => {
  test('that was public when it was judged and is loopback when it is called is refused', async () => {
    const surface = surfaceOf({ allowedPorts: [canary.port] });
    const lookup = lookupOf({ 'rebind.example': [['93.184.216.34'], ['127.0.0.1']] });
    const url = `http://rebind.example:${canary.port}/`;
    expect(await judgeResolved(url, surface, { lookup })).toMatchObject({ ok: true });
    await expect(request(url, { dispatcher: made(surface, { lookup }) })).rejects.toMatchObject(refused);
    expect(lookup.asked).toEqual(['rebind.example', 'rebind.example']);
    expect(canary.heard.connections).toBe(0);
  });

  test('is looked up once for a connection, so that nothing can change between judging and connecting', async () => {
    const lookup = lookupOf({ 'rebind.example': [['127.0.0.1'], ['10.0.0.1']] });
    const agent = made(surfaceOf({ listed: '127.0.0.1' }), { lookup });
    const answer = await request(`http://rebind.example:${canary.port}/`, { dispatcher: agent });
    expect(await answer.body.text()).toBe('canary');
    expect(lookup.asked).toEqual(['rebind.example']);
  });

  test('with one listed and one forbidden address is refused, whichever comes first', async () => {
    for (const addresses of [
      ['127.0.0.1', '10.0.0.1'],
      ['10.0.0.1', '127.0.0.1'],
    ]) {
      const agent = made(surfaceOf({ listed: '127.0.0.1' }), { lookup: lookupOf({ 'mixed.example': addresses }) });
      await expect(request(`http://mixed.example:${canary.port}/`, { dispatcher: agent })).rejects.toMatchObject(
        refused,
      );
    }
    expect(canary.heard.connections).toBe(0);
  });

  test('that cannot be looked up is refused as unresolved, with the cause for our logs only', async () => {
    const agent = made(surfaceOf(), { lookup: lookupOf({}) });
    const error = await request('http://unknown.example/', { dispatcher: agent }).catch((error) => error);
    expect(error).toBeInstanceOf(EgressRefused);
    expect(error).toMatchObject({ ...refused, unresolved: true, cause: { code: 'ENOTFOUND' } });
    expect(error.message).not.toContain('ENOTFOUND');
  });

  test('whose lookup never ends is given up after the connect timeout', async () => {
    const agent = made(surfaceOf(), { lookup: () => new Promise(() => {}), connectTimeoutMs: 20 });
    await expect(request('http://slow.example/', { dispatcher: agent })).rejects.toMatchObject({
      code: 'UND_ERR_CONNECT_TIMEOUT',
    });
  });

  test('on a port that is closed to public addresses is called only if it leads to a listed one', async () => {
    const lookup = lookupOf({ 'inner.example': ['127.0.0.1'], 'public.example': ['93.184.216.34'] });
    const agent = made(surfaceOf({ listed: '127.0.0.1' }), { lookup });
    await (await request(`http://inner.example:${canary.port}/`, { dispatcher: agent })).body.dump();
    await expect(request('http://public.example:6379/', { dispatcher: agent })).rejects.toMatchObject(refused);
  });
});

describe('an allow-list', () => {
  test('of one address opens no other', async () => {
    const agent = made(surfaceOf({ listed: '127.0.0.1', allowedPorts: [canary.port] }), {
      lookup: lookupOf({ 'next.example': ['127.0.0.2'] }),
    });
    await (await request(`http://127.0.0.1:${canary.port}/`, { dispatcher: agent })).body.dump();
    for (const host of ['127.0.0.2', '127.0.0.0', '0.0.0.0', '10.0.0.1', '[::1]', '[::127.0.0.1]', 'next.example']) {
      const url = `http://${host}:${canary.port}/`;
      await expect(request(url, { dispatcher: agent }), url).rejects.toMatchObject(refused);
    }
    expect(canary.heard.connections).toBe(1);
  });

  test('of one surface opens no other surface', async () => {
    const url = `http://127.0.0.1:${canary.port}/`;
    const open = made(surfaceOf({ name: 'webhook', listed: '127.0.0.0/8' }));
    await (await request(url, { dispatcher: open })).body.dump();
    for (const name of ['reference', 'upstream_result'] as const) {
      const shut = made(surfaceOf({ name, allowedPorts: [canary.port] }));
      await expect(request(url, { dispatcher: shut }), name).rejects.toMatchObject(refused);
    }
    expect(canary.heard.connections).toBe(1);
  });

  test('does not make http allowed', async () => {
    const agent = made(surfaceOf({ listed: '127.0.0.1', allowHttp: false }));
    await expect(request(`http://127.0.0.1:${canary.port}/`, { dispatcher: agent })).rejects.toMatchObject(refused);
  });
});

test('a redirect is handed back, not followed', async () => {
  const redirecting = await startCanary('127.0.0.1', {
    answer: (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${canary.port}/` }).end(),
  });
  const agent = made(surfaceOf({ listed: '127.0.0.0/8' }));
  const answer = await request(`http://127.0.0.1:${redirecting.port}/`, { dispatcher: agent });
  expect(answer.statusCode).toBe(302);
  expect(canary.heard.connections).toBe(0);
  await redirecting.close();
});

test('an allowed address on which nobody listens is a network error, not a refusal', async () => {
  const agent = made(surfaceOf({ listed: '127.0.0.1' }));
  await expect(request(`http://127.0.0.1:${await closedPort()}/`, { dispatcher: agent })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('a receiver that does not answer is given up after the headers timeout', async () => {
  const silent = await startCanary('127.0.0.1', { answer: () => {} });
  const agent = made(surfaceOf({ listed: '127.0.0.1' }), { headersTimeoutMs: 20 });
  await expect(request(`http://127.0.0.1:${silent.port}/`, { dispatcher: agent })).rejects.toMatchObject({
    code: 'UND_ERR_HEADERS_TIMEOUT',
  });
  await silent.close();
});

describe('over TLS', () => {
  const trusted = tls.getCACertificates();
  let secure: Canary;
  beforeAll(async () => {
    tls.setDefaultCACertificates([...trusted, testCertificate.cert]);
    secure = await startCanary('127.0.0.1', { secure: true });
  });
  afterAll(async () => {
    tls.setDefaultCACertificates(trusted);
    await secure.close();
  });

  test('a name is called with its certificate proven, and the connection used again', async () => {
    const lookup = lookupOf({ 'hooks.example.test': ['127.0.0.1'], 'other.example.test': ['127.0.0.1'] });
    const agent = made(surfaceOf({ listed: '127.0.0.1', allowHttp: false }), { lookup, connections: 1 });
    for (const path of ['/first', '/second']) {
      const answer = await request(`https://hooks.example.test:${secure.port}${path}`, { dispatcher: agent });
      expect(await answer.body.text()).toBe('canary');
    }
    expect(secure.heard).toEqual({ connections: 1, requests: ['GET /first', 'GET /second'] });
    await expect(request(`https://other.example.test:${secure.port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('an address is called with its certificate proven', async () => {
    const agent = made(surfaceOf({ listed: '127.0.0.1', allowHttp: false }));
    const answer = await request(`https://127.0.0.1:${secure.port}/`, { dispatcher: agent });
    expect(await answer.body.text()).toBe('canary');
  });
});
