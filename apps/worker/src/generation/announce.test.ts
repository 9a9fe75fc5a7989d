import { text } from 'node:stream/consumers';
import type { ObjectStore } from '@darkroom/shared/images';
import type { RestartWatch } from '@darkroom/shared/redis';
import { changePart, manifestKey, manifestOf, partStore, readHash, readTask } from '@darkroom/shared/tasks';
import { expect, test } from 'vitest';
import { claimed, created_at_ms, ordered } from '../../../../packages/shared/src/tasks/testing/orders.ts';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import { announce } from './announce.ts';
import { keptEnds } from './keptEnds.ts';

const records = redisOfFile();

/** Storage that holds one manifest at most. */
function storage(manifest?: string) {
  const kept = new Map<string, string>();
  const store = {
    put: async (key: string, body: string) => void kept.set(key, body),
    open: async () => (manifest === undefined ? undefined : [manifest]),
  } as unknown as ObjectStore;
  return { store, kept };
}

test('a task whose end Redis has forgotten is not kept as finished, and ends again', async () => {
  const order = await ordered(records);
  const { held } = await claimed(records, order);
  const { store, kept } = storage();
  const told: string[] = [];
  const deps = { parts: partStore(records), store, noteEnd: async ({ id }: { id: string }) => void told.push(id) };
  expect(await announce(deps, order.id)).toBe(false);
  expect({ kept: kept.size, told }).toEqual({ kept: 0, told: [] });
  await changePart(records, held, 'fail', { now_ms: created_at_ms });
  expect(await announce(deps, order.id)).toBe(true);
  expect({ kept: [...kept.keys()], told }).toEqual({ kept: [manifestKey(order.id)], told: [order.id] });
});

test('a manifest that tells of no end does not end its task', async () => {
  const order = await ordered(records);
  const { store } = storage(manifestOf(await readHash(records, order.id)));
  expect(await text((await store.open('any'))!)).toContain('queued');
  const keptEnd = keptEnds(records, store, { mayBeOld: () => true } as RestartWatch);
  expect(await keptEnd(order.id)).toBeUndefined();
  expect((await readTask(records, order.id))?.status).toBe('queued');
  expect(await records.redis.zscore(records.keys.open(order.id), order.id)).not.toBeNull();
});
