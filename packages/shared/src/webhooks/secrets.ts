import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { InvariantBroken } from '../errors/index.ts';
import type { SigningKey } from '../images/index.ts';

/** A new secret as Standard Webhooks writes them: `whsec_` and the base64 of 32 random bytes. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Closes and opens secrets: in Redis they stand sealed only. */
export type Seal = { close(secret: string): string; open(sealed: string): string };

const ivBytes = 12;
const tagBytes = 16;

/**
 * Seals by AES-256-GCM under keys derived from `SIGNING_KEYS`: the first closes, all open, so that one can be replaced.
 * A sealed text is `<key id>.<base64 of iv, tag and secret>`.
 */
export function sealOf(keys: readonly SigningKey[]): Seal {
  const derived = new Map(
    keys.map(({ id, secret }) => [id, Buffer.from(hkdfSync('sha256', secret, 'darkroom', 'webhook secrets', 32))]),
  );
  const [first] = keys;
  if (!first) throw new Error('no signing key');
  return {
    close(secret) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', derived.get(first.id)!, iv);
      const closed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${first.id}.${Buffer.concat([iv, cipher.getAuthTag(), closed]).toString('base64')}`;
    },
    open(sealed) {
      const dot = sealed.indexOf('.');
      const key = derived.get(sealed.slice(0, dot));
      if (!key) throw new InvariantBroken('a webhook secret was sealed under a signing key that is not here any more');
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes));
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
    },
  };
}
