import { createHmac, timingSafeEqual } from 'node:crypto';

/** Keys that sign URLs: the first signs, all verify, so that a key can be replaced without breaking live URLs. */
export type SigningKey = { id: string; secret: string };

export type UrlSigner = {
  /** The signed, expiring URL of a stored object. The same object gets the same URL for up to an hour. */
  urlOf(key: string): string;
  /** Whether the query of a request for this object bears a signature of ours that has not expired. */
  verify(key: string, query: { exp?: unknown; kid?: unknown; sig?: unknown }): boolean;
};

/** Expiry is rounded up to this, so that repeated queries show the same URL and caches can hold it. */
const roundingMs = 3_600_000;

/**
 * @param baseUrl  `PUBLIC_BASE_URL`, without a trailing slash
 * @param lifetimeMs  how long a URL is good for, at least
 */
export function urlSigner(
  keys: readonly SigningKey[],
  { baseUrl, lifetimeMs, now }: { baseUrl: string; lifetimeMs: number; now: () => number },
): UrlSigner {
  const [signing] = keys;
  if (!signing) throw new Error('no signing key');
  return {
    urlOf(key) {
      const expires = Math.ceil((now() + lifetimeMs) / roundingMs) * (roundingMs / 1000);
      const query = new URLSearchParams({
        exp: String(expires),
        kid: signing.id,
        sig: signatureOf(signing, key, String(expires)),
      });
      return `${baseUrl}/files/${key}?${query}`;
    },
    verify(key, { exp, kid, sig }) {
      if (typeof exp !== 'string' || typeof kid !== 'string' || typeof sig !== 'string') return false;
      const known = keys.find((one) => one.id === kid);
      if (!known || !/^\d{1,12}$/.test(exp) || Number(exp) * 1000 < now()) return false;
      const right = Buffer.from(signatureOf(known, key, exp));
      const given = Buffer.from(sig);
      return right.length === given.length && timingSafeEqual(right, given);
    },
  };
}

function signatureOf({ secret }: SigningKey, key: string, expires: string): string {
  return createHmac('sha256', secret).update(`${key}\n${expires}`).digest('base64url');
}
