import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SigningKey, urlSigner } from './signedUrl.ts';

const hour_ms = 3_600_000;
const start_ms = Date.UTC(2026, 0, 1, 0, 10);
const [first, second]: [SigningKey, SigningKey] = [
  { id: 'a', secret: 'a-secret-of-more-than-thirty-two-characters' },
  { id: 'b', secret: 'another-secret-of-more-than-thirty-two-letters' },
];
const key = 'task_00000000000000000000000000/0.png';

/** A signer whose clock is moved by hand. */
function signerOf(keys: SigningKey[], { lifetimeMs = 24 * hour_ms, baseUrl = 'https://api.example' } = {}) {
  const clock = { ms: start_ms };
  return { clock, signer: urlSigner(keys, { baseUrl, lifetimeMs, now: () => clock.ms }) };
}

const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

test('a URL names its object under the public base, and verifies', () => {
  const { signer } = signerOf([first]);
  const url = signer.urlOf(key);
  expect(url).toMatch(/^https:\/\/api\.example\/files\/task_0{26}\/0\.png\?exp=\d+&kid=a&sig=[\w-]{43}$/);
  expect(signer.verify(key, queryOf(url))).toBe(true);
});

test('a URL is good for its lifetime at least, and an hour more at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 400 * 24 * hour_ms }), fc.nat({ max: 10 * hour_ms }), (lifetimeMs, at) => {
      const { signer, clock } = signerOf([first], { lifetimeMs });
      clock.ms = start_ms + at;
      const query = queryOf(signer.urlOf(key));
      clock.ms += lifetimeMs;
      expect(signer.verify(key, query)).toBe(true);
      clock.ms += hour_ms + 1;
      expect(signer.verify(key, query)).toBe(false);
    }),
  );
});

test('the same object has the same URL within an hour, so that caches can hold it', () => {
  const { signer, clock } = signerOf([first]);
  clock.ms = start_ms - (start_ms % hour_ms) + 1;
  const url = signer.urlOf(key);
  clock.ms += hour_ms - 1;
  expect(signer.urlOf(key)).toBe(url);
  clock.ms += 1;
  expect(signer.urlOf(key)).not.toBe(url);
});

test('a signature holds for its own object, expiry and key only', () => {
  const { signer } = signerOf([first, second]);
  const query = queryOf(signer.urlOf(key));
  const later = String(Number(query.exp) + 3600);
  expect(signer.verify(key.replace('0.png', '1.png'), query)).toBe(false);
  expect(signer.verify(key, { ...query, exp: later })).toBe(false);
  expect(signer.verify(key, { ...query, exp: `0${query.exp}` })).toBe(false);
  expect(signer.verify(key, { ...query, kid: 'b' })).toBe(false);
  expect(signer.verify(key, { ...query, kid: 'c' })).toBe(false);
  expect(signer.verify(key, { ...query, sig: query.sig!.slice(0, -1) })).toBe(false);
  expect(signer.verify(key, { ...query, sig: `${query.sig}=` })).toBe(false);
});

test('any changed character of a signature breaks it', () => {
  const { signer } = signerOf([first]);
  const query = queryOf(signer.urlOf(key));
  for (const at of query.sig!.slice(0, -1).split('').keys()) {
    const other = query.sig![at] === 'A' ? 'B' : 'A';
    const sig = query.sig!.slice(0, at) + other + query.sig!.slice(at + 1);
    expect(signer.verify(key, { ...query, sig }), String(at)).toBe(false);
  }
});

test.each<[string, object]>([
  ['nothing', {}],
  ['lists, as a repeated parameter makes them', { exp: ['1'], kid: ['a'], sig: ['x'] }],
  ['an empty signature', { exp: '99999999999', kid: 'a', sig: '' }],
  ['an expiry that is no number', { exp: 'Infinity', kid: 'a', sig: 'x' }],
  ['an expiry without end', { exp: '9'.repeat(40), kid: 'a', sig: 'x' }],
  ['a prototype’s name as key', { exp: '99999999999', kid: '__proto__', sig: 'x' }],
  ['a signature in other letters', { exp: '99999999999', kid: 'a', sig: 'ü'.repeat(43) }],
])('%s does not verify', (_what, query) => {
  expect(signerOf([first]).signer.verify(key, query)).toBe(false);
});

test('a key is replaced without breaking live URLs: the new one signs, both verify, until the old one goes', () => {
  const old = signerOf([first]).signer;
  const rotated = signerOf([second, first]).signer;
  const after = signerOf([second]).signer;
  const [oldQuery, newQuery] = [queryOf(old.urlOf(key)), queryOf(rotated.urlOf(key))];
  expect(newQuery.kid).toBe('b');
  expect([rotated.verify(key, oldQuery), rotated.verify(key, newQuery)]).toEqual([true, true]);
  expect([after.verify(key, oldQuery), after.verify(key, newQuery)]).toEqual([false, true]);
});

test('the same id with another secret does not verify', () => {
  const query = queryOf(signerOf([first]).signer.urlOf(key));
  expect(signerOf([{ ...second, id: 'a' }]).signer.verify(key, query)).toBe(false);
});

test('there is no signer without a key', () => {
  expect(() => signerOf([])).toThrow('no signing key');
});
