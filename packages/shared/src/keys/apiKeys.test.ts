import { expect, test } from 'vitest';
import { apiKey, findApiKey, sameSecret } from './apiKeys.ts';

const keys = [apiKey('alice', 'sk-alice'), apiKey('bob', 'sk-bob')];

test('a secret finds its own key only', () => {
  expect(findApiKey(keys, 'sk-alice')?.name).toBe('alice');
  expect(findApiKey(keys, 'sk-bob')?.name).toBe('bob');
  for (const wrong of ['', 'sk-', 'sk-alic', 'sk-alice ', 'SK-ALICE', 'alice', 'sk-bobb']) {
    expect(findApiKey(keys, wrong), wrong).toBeUndefined();
  }
  expect(findApiKey([], 'sk-alice')).toBeUndefined();
});

test('the secret itself is not kept', () => {
  expect(JSON.stringify(keys)).not.toContain('sk-');
  expect(keys[0]!.secretHash).toHaveLength(32);
});

test('a client’s id follows from its name, so that a new secret keeps its tasks', () => {
  expect(apiKey('alice', 'sk-new').id).toBe(keys[0]!.id);
  expect(keys[0]!.id).toMatch(/^k_[0-9a-f]{16}$/);
  expect(keys[0]!.id).not.toBe(keys[1]!.id);
});

test('secrets of any length are compared', () => {
  expect(sameSecret('a', 'a')).toBe(true);
  expect(sameSecret('', '')).toBe(true);
  expect(sameSecret('a', 'aa')).toBe(false);
  expect(sameSecret('a', 'b')).toBe(false);
});
