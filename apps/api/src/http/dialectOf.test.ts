import type { Request } from 'express';
import { expect, test } from 'vitest';
import { dialectOf } from './dialectOf.ts';

const request = (path: string, headers: Record<string, string> = {}, query: Record<string, string> = {}) =>
  ({ baseUrl: '', path, query, get: (name: string) => headers[name] }) as unknown as Request;

test.each([
  ['/v1/images/tasks', 'native'],
  ['/v1/images/tasks/task_x/cancel', 'native'],
  ['/v1/webhooks', 'native'],
  ['/healthz', 'native'],
  ['/v1/images/generations', 'openai'],
  ['/v1/images/edits', 'openai'],
  ['/v1/models', 'openai'],
  ['/v1/models/NanoBanana', 'openai'],
  ['/v1/files/file-x/content', 'openai'],
  ['/v1/batches', 'openai'],
  ['/v1beta/models', 'gemini'],
  ['/v1beta', 'gemini'],
  ['/v1/models/NanoBanana:generateContent', 'gemini'],
  ['/v1/models/NanoBanana%3AstreamGenerateContent', 'gemini'],
])('%s speaks %s', (path, dialect) => expect(dialectOf(request(path))).toBe(dialect));

test('models are told in Google’s words to who calls as Google’s client does', () => {
  expect(dialectOf(request('/v1/models', { 'x-goog-api-key': 'sk-x' }))).toBe('gemini');
  expect(dialectOf(request('/v1/models/NanoBanana', { 'x-goog-api-client': 'x' }))).toBe('gemini');
  expect(dialectOf(request('/v1/models', {}, { key: 'sk-x' }))).toBe('gemini');
  expect(dialectOf(request('/v1/images/generations', { 'x-goog-api-key': 'sk-x' }))).toBe('openai');
});
