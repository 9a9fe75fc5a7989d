import tls from 'node:tls';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Canary, startCanary, startProxy } from './testing/canary.ts';
import { testCertificate } from './testing/certificate.ts';
import { agentOf, lookupOf, surfaceOf } from './testing/surfaces.ts';

const trusted = tls.getCACertificates();
let target: Canary;
let proxy: Canary;

beforeAll(async () => {
  tls.setDefaultCACertificates([...trusted, testCertificate.cert]);
  target = await startCanary('127.0.0.1', { secure: true });
  proxy = await startProxy(target.port);
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await proxy.close();
  await target.close();
});

test('a proxy is asked for the judged address, and the certificate is still proven for the name', async () => {
  const lookup = lookupOf({
    'hooks.example.test': ['2606:4700::1111', '93.184.216.34'],
    'six.example.test': ['2606:4700::1111'],
    'other.example.test': ['93.184.216.34'],
  });
  const agent = agentOf(surfaceOf({ allowHttp: false, proxyUrl: `http://127.0.0.1:${proxy.port}` }), { lookup });
  const answer = await request('https://hooks.example.test/', { dispatcher: agent });
  expect(await answer.body.text()).toBe('canary');
  for (const name of ['six.example.test', 'other.example.test']) {
    await expect(request(`https://${name}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  }
  expect(proxy.heard.requests).toEqual([
    'CONNECT 93.184.216.34:443',
    'CONNECT [2606:4700::1111]:443',
    'CONNECT 93.184.216.34:443',
  ]);
  expect(lookup.asked).toEqual(['hooks.example.test', 'six.example.test', 'other.example.test']);
  await agent.close();
});

test('a name whose lookup never ends is refused as unresolved', async () => {
  const surface = surfaceOf({ proxyUrl: `http://127.0.0.1:${proxy.port}` });
  const agent = agentOf(surface, { lookup: () => new Promise(() => {}), connectTimeoutMs: 20 });
  await expect(request('https://slow.example/', { dispatcher: agent })).rejects.toMatchObject({
    code: 'EGRESS_REFUSED',
    unresolved: true,
  });
  await agent.close();
});

test('a proxy that is not http(s) is refused at once, in words that do not repeat it', () => {
  for (const proxyUrl of ['socks5://user:secret@127.0.0.1:1080', 'not a url']) {
    expect(() => agentOf(surfaceOf({ proxyUrl }))).toThrow(
      'the proxy of the webhook surface must be an http:// or https:// URL',
    );
  }
});
