import { createHash, timingSafeEqual } from 'node:crypto';

/** An API key: who a client is. The secret itself is not kept, only its hash. */
export type ApiKey = {
  /** `k_…`, derived from the name, so that a new secret keeps its tasks */
  id: string;
  name: string;
  /** sha256 of the secret */
  secretHash: Buffer;
};

export function apiKey(name: string, secret: string): ApiKey {
  return { id: `k_${sha256(name).toString('hex').slice(0, 16)}`, name, secretHash: sha256(secret) };
}

/**
 * Finds the key that a presented secret belongs to. Every known key is compared, in constant time, whatever matches,
 * so that the time taken tells nothing.
 */
export function findApiKey(keys: readonly ApiKey[], secret: string): ApiKey | undefined {
  const presented = sha256(secret);
  let found: ApiKey | undefined;
  for (const key of keys) {
    if (timingSafeEqual(key.secretHash, presented)) found = key;
  }
  return found;
}

/** Compares two secrets in constant time, whatever their lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
