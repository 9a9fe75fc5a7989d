import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { weakSecret } from './weakSecret.ts';

test.each([
  ['', 'is empty'],
  ['   ', 'is empty'],
  ['changeme-changeme-changeme', 'is a placeholder'],
  ['sk-your-key-goes-here-0123456789', 'is a placeholder'],
  ['sk-********************************', 'is a placeholder'],
  ['<paste the secret here please>', 'is a placeholder'],
  ['EXAMPLE-secret-0123456789abcdef', 'is a placeholder'],
  ['sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'is a placeholder'],
  ['Tr0ub4dor&3', 'is shorter than 20 characters'],
  ['ababababababababababababab', 'repeats too few characters'],
])('%j may not be used: it %s', (secret, why) => expect(weakSecret(secret, 20)).toBe(why));

test('random secrets may be used', () => {
  for (let i = 0; i < 200; i++) expect(weakSecret(randomBytes(32).toString('hex'), 32)).toBeUndefined();
});

test('the length asked for is enough', () => {
  expect(weakSecret('0123456789', 10)).toBeUndefined();
  expect(weakSecret('012345678', 10)).toBe('is shorter than 10 characters');
});
