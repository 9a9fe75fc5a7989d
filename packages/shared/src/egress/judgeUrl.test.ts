import { expect, test } from 'vitest';
import { judgeResolved } from './judgeResolved.ts';
import { judgeUrl } from './judgeUrl.ts';
import { lookupOf, surfaceOf } from './testing/surfaces.ts';

const strict = surfaceOf({ allowHttp: false });

test.each([
  ['https://example.com/hook?x=1', 'https://example.com/hook?x=1'],
  ['https://example.com:443/', 'https://example.com/'],
  ['https://example.com:80/', 'https://example.com:80/'],
  ['https://example.com./', 'https://example.com./'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['https://localhost.example.com/', 'https://localhost.example.com/'],
  ['https://93.184.216.34/', 'https://93.184.216.34/'],
  ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
  ['https://[::ffff:93.184.216.34]/', 'https://[::ffff:5db8:d822]/'],
])('%s passes', (text, href) => {
  const judged = judgeUrl(text, strict);
  expect(judged.ok && judged.url.href).toBe(href);
});

test.each([
  ['http://example.com/', 'only https URLs may be called, not http'],
  ['ftp://example.com/', 'only https URLs may be called'],
  ['https://user@example.com/', 'a URL may not carry a user name or password'],
  ['https://:secret@example.com/', 'a URL may not carry a user name or password'],
  ['https://example.com:8443/', 'port 8443 may not be called'],
  ['https://93.184.216.34:8443/', 'port 8443 may not be called'],
  ['https://example.com:0/', 'port 0 may not be called'],
  ['https://a..b/', 'not a valid host name'],
  ['https://localhost/', 'the host name may not be called'],
  ['https://127.0.0.1/', 'the address may not be called'],
  ['example.com', 'not a URL'],
  [`https://example.com/${'a'.repeat(9000)}`, 'not a URL'],
])('%.60s is refused: %s', (text, reason) => {
  expect(judgeUrl(text, strict)).toEqual({ ok: false, reason });
});

test('the surface decides about http, ports and listed addresses', () => {
  expect(judgeUrl('http://example.com/', surfaceOf({ allowHttp: true })).ok).toBe(true);
  expect(judgeUrl('https://example.com:8443/', surfaceOf({ allowedPorts: [8443] })).ok).toBe(true);
  expect(judgeUrl('https://example.com/', surfaceOf({ allowedPorts: [8443] })).ok).toBe(false);
  expect(judgeUrl('https://10.1.2.3:9000/', surfaceOf({ listed: '10.1.0.0/16' })).ok).toBe(true);
  expect(judgeUrl('https://[::ffff:10.1.2.3]:9000/', surfaceOf({ listed: '10.1.0.0/16' })).ok).toBe(true);
  expect(judgeUrl('https://10.2.2.3:9000/', surfaceOf({ listed: '10.1.0.0/16' })).ok).toBe(false);
  expect(judgeUrl('https://name.example:9000/', surfaceOf({ listed: '10.1.0.0/16' })).ok).toBe(true);
  expect(judgeUrl('https://localhost/', surfaceOf({ listed: '10.1.0.0/16' })).ok).toBe(false);
  expect(judgeUrl('https://localhost/', surfaceOf({ listed: '127.0.0.0/8' })).ok).toBe(true);
});

test('a name is judged by where it leads now', async () => {
  const lookup = lookupOf({ 'good.example': ['93.184.216.34'], 'bad.example': ['10.1.2.3'], 'none.example': [] });
  const judge = (text: string, listed = '') => judgeResolved(text, surfaceOf({ listed }), { lookup });
  const badName = 'the host name does not lead to an address that may be called';
  expect(await judge('https://good.example/')).toMatchObject({ ok: true, url: new URL('https://good.example/') });
  expect(await judge('https://bad.example/')).toEqual({ ok: false, reason: badName });
  expect(await judge('https://bad.example:9000/', '10.1.2.3')).toMatchObject({ ok: true });
  expect(await judge('https://good.example:9000/', '10.1.2.3')).toEqual({ ok: false, reason: badName });
  expect(await judge('https://none.example/')).toEqual({ ok: false, reason: badName, unresolved: true });
  expect(await judge('https://unknown.example/')).toEqual({ ok: false, reason: badName, unresolved: true });
});

test('a name whose lookup never ends is refused as unresolved', async () => {
  const lookup = () => new Promise<never>(() => {});
  expect(await judgeResolved('https://slow.example/', surfaceOf(), { lookup, timeoutMs: 20 })).toMatchObject({
    ok: false,
    unresolved: true,
  });
});

test('an address literal is not looked up', async () => {
  const lookup = lookupOf({});
  expect(await judgeResolved('https://93.184.216.34/', surfaceOf(), { lookup })).toMatchObject({ ok: true });
  expect(lookup.asked).toEqual([]);
});
