import { expect, test } from 'vitest';
import { clientKey, type WhatToOpen, whatToOpen } from './whatToOpen.ts';

const what: WhatToOpen = {
  baseUrl: 'http://127.0.0.1:8080',
  adminPassword: 'made-password',
  secretsFile: '/state/secrets.json',
  apiKey: 'sk-made',
  model: 'NanoBanana',
};

test('a password and a key of ours are printed', () => {
  const text = whatToOpen(what).join('\n');
  expect(text).toContain('http://127.0.0.1:8080/admin/queues');
  expect(text).toContain('password made-password  (kept in /state/secrets.json)');
  expect(text).toContain('KEY="sk-made"');
});

test('given ones are pointed at, not repeated', () => {
  const text = whatToOpen({ ...what, adminPassword: undefined, apiKey: undefined }).join('\n');
  expect(text).toContain('the value of ADMIN_PASSWORD');
  expect(text).toContain('API_KEYS%%,*');
});

test('the first of several keys is used', async () => {
  expect(await clientKey({ API_KEYS: 'a:sk-one,b:sk-two' })).toBe('sk-one');
  await expect(clientKey({ API_KEYS: '' })).rejects.toThrow('There is no API key to use');
});
