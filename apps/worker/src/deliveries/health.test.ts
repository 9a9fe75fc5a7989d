import { deliveryQueue } from '@darkroom/shared/queues';
import {
  createEndpoint,
  deliveryIdsOf,
  type Endpoint,
  type EndpointId,
  readEndpoint,
  sealOf,
} from '@darkroom/shared/webhooks';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import type { DeliveryDeps } from './deps.ts';
import { noteFailure, noteSuccess } from './health.ts';

const redisOf = redisOfFile();
const hour = 3_600_000;
const day = 24 * hour;

/** An endpoint of a key of its own, another one that listens, and a clock that is set. */
async function endpointAt(key_id: string) {
  const { redis, keys } = redisOf;
  const records = { redis, keys };
  const said: object[] = [];
  let now = 1_000_000_000_000;
  const seal = sealOf([{ id: 'k', secret: 'a secret of this test alone' }]);
  const deps = {
    ...{ records, deliveries: deliveryQueue(redis, keys), retentionMs: day, now: () => now },
    metrics: { add: (name: string) => said.push({ name }) },
    logger: { warn: (line: object) => said.push(line) },
  } as unknown as DeliveryDeps;
  const made = await createEndpoint(
    records,
    key_id,
    { url: 'https://a.example/', events: null },
    { seal, now_ms: now },
  );
  const other = await createEndpoint(
    records,
    key_id,
    { url: 'https://b.example/', events: null },
    { seal, now_ms: now },
  );
  const read = async () => (await readEndpoint(records, key_id, made.endpoint.id as EndpointId)) as Endpoint;
  return {
    read,
    said,
    toldOther: () => deliveryIdsOf(records, key_id, other.endpoint.id, 0, 10),
    fail: async (status: number | null = 500) => noteFailure(deps, await read(), status),
    succeed: async () => noteSuccess(deps, await read()),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('an endpoint that was removed while it failed stays removed', async () => {
  const { redis, keys } = redisOf;
  const { read, fail, succeed } = await endpointAt('k_gone');
  await fail();
  const endpoint = await read();
  const late = { fail: fail(), succeed: succeed() };
  await redis.del(keys.endpoint(endpoint.key_id, endpoint.id));
  await Promise.allSettled(Object.values(late));
  expect(await redis.exists(keys.endpoint(endpoint.key_id, endpoint.id))).toBe(0);
});

test('an endpoint that fails again and again for five days is disabled, and others of its key are told', async () => {
  const { read, fail, pass, said, toldOther } = await endpointAt('k_steady');
  for (let days = 0; days < 5; days++) {
    for (let i = 0; i < 6; i++) expect(await fail()).toBe(false);
    pass(day);
  }
  for (let i = 0; i < 4; i++) expect(await fail()).toBe(false);
  expect(await fail()).toBe(true);
  expect(await read()).toMatchObject({ enabled: false, disabled_reason: expect.stringContaining('five days') });
  expect(said).toHaveLength(2);
  expect(await toldOther()).toHaveLength(1);
});

test('one that fails now and then, a few times a day, is left alone', async () => {
  const { read, fail, pass } = await endpointAt('k_seldom');
  for (let days = 0; days < 10; days++) {
    for (let i = 0; i < 4; i++) expect(await fail()).toBe(false);
    pass(day);
  }
  expect(await read()).toMatchObject({ enabled: true });
});

test('a success begins the five days anew', async () => {
  const { read, fail, succeed, pass } = await endpointAt('k_healed');
  for (let days = 0; days < 4; days++) {
    for (let i = 0; i < 6; i++) await fail();
    pass(day);
  }
  await succeed();
  pass(2 * day);
  for (let i = 0; i < 6; i++) expect(await fail()).toBe(false);
  expect(await read()).toMatchObject({ enabled: true });
});
