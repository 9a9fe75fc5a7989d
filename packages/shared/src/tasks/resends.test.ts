import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { newTaskId } from './ids.ts';
import { findSent, noteAnswered, noteSent } from './resends.ts';

const file = redisOfFile();
const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

let requests = 0;
const aRequest = () => ({ key_id: 'k_0123456789abcdef', fingerprint: String(++requests).padStart(64, '0') });

test('a repeat finds the task of its first sending, another key’s or another request’s does not', async () => {
  const request = aRequest();
  const id = newTaskId();
  await noteSent(file, request, id, start);
  expect(await findSent(file, request, start + minute)).toBe(id);
  expect(await findSent(file, { ...request, key_id: 'k_ffffffffffffffff' }, start)).toBeUndefined();
  expect(await findSent(file, aRequest(), start)).toBeUndefined();
});

test('a repeat that comes after 15 minutes finds nothing', async () => {
  const request = aRequest();
  await noteSent(file, request, newTaskId(), start);
  expect(await findSent(file, request, start + 16 * minute)).toBeUndefined();
});

test('several wanted tasks of equal requests each find their own, those that were answered last', async () => {
  const request = aRequest();
  const ids = [newTaskId(), newTaskId(), newTaskId()];
  for (const [i, id] of ids.entries()) await noteSent(file, request, id, start + i);
  await noteAnswered(file, request, ids[0]!);
  const found = [];
  for (let i = 0; i < 3; i++) found.push(await findSent(file, request, start + minute));
  expect(found).toEqual([ids[1], ids[2], ids[0]]);
});

test('what is remembered of one request is bounded', async () => {
  const request = aRequest();
  for (let i = 0; i < 1010; i++) await noteSent(file, request, newTaskId(), start + i);
  expect(await file.redis.zcard(file.keys.sent(request.key_id, request.fingerprint))).toBe(1000);
});
