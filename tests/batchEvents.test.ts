import type { PublicBatch } from '@darkroom/shared/batches';
import { expect, onTestFinished } from 'vitest';
import { batchOf, endedBatch } from './world/batchRuns.ts';
import { keys, type World } from './world/createWorld.ts';
import { type EventStream, readEvents } from './world/events.ts';
import { test } from './world/world.ts';

const follow = (world: World, id: string, lastEventId?: string) =>
  readEvents(`${world.api.url}/v1/batches/${id}/events`, keys.alice, lastEventId);

const told = (stream: EventStream) =>
  stream.events.map(({ id, event, data }) => ({ id, event, batch: data as unknown as PublicBatch }));

const linesOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ custom_id: `${name}-${i}`, prompt: `${name} ${i}.` }));

test('a batch’s stream begins with the batch as it is, tells how far it comes, and ends with it', async ({ world }) => {
  const gates = ['streamed 0.', 'streamed 1.'].map((prompt) => world.upstream.gate('poll', { prompt }));
  onTestFinished(() => gates.forEach((gate) => void gate.release()));
  const { id } = await batchOf(world, linesOf('streamed', 2));
  await Promise.all(gates.map((gate) => gate.arrived));
  const stream = await follow(world, id);
  const done = () => told(stream).at(-1)?.batch.request_counts.completed;
  await stream.until(() => done() === 0);
  gates[0]!.release();
  await stream.until(() => done() === 1);
  gates[1]!.release();
  await stream.ended;
  const events = told(stream);
  expect(events.at(-1)).toMatchObject({
    event: 'batch.completed',
    batch: {
      id,
      request_counts: { total: 2, completed: 2, failed: 0 },
      darkroom: { images: 2, cost: '0.0780', eta_seconds: 0 },
    },
  });
  expect(new Set(events.slice(0, -1).map(({ event }) => event))).toEqual(new Set(['batch.progress']));
  const half = events.find(({ batch }) => batch.request_counts.completed === 1)!.batch.darkroom;
  expect(half).toMatchObject({ images: 1, cost: '0.0390', rate_per_minute: expect.any(Number) });
  expect(half.eta_seconds).toBeGreaterThanOrEqual(0);
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
});

test('who comes again is told nothing twice; after the end there is nothing more', async ({ world }) => {
  const gate = world.upstream.gate('poll', { prompt: 'again 0.' });
  onTestFinished(() => gate.release());
  const { id } = await batchOf(world, linesOf('again', 1));
  await gate.arrived;
  const first = await follow(world, id);
  await first.until(() => told(first).at(-1)?.batch.status === 'in_progress');
  first.close();
  const had = told(first).at(-1)!.id;
  gate.release();
  const second = await follow(world, id, had);
  await second.ended;
  const ids = told(second).map((event) => event.id);
  expect(ids).not.toContain(had);
  expect(told(second).at(-1)!.event).toBe('batch.completed');
  expect((await follow(world, id, ids.at(-1))).status).toBe(204);
  const anew = await follow(world, id, 'nonsense');
  await anew.ended;
  expect(told(anew).map(({ event }) => event)).toEqual(['batch.completed']);
});

test('every end has its name, and a key’s own stream is told of tasks alone', async ({ world }) => {
  const all = await readEvents(`${world.api.url}/v1/events`, keys.alice);
  const gate = world.upstream.gate('submit', { prompt: 'named 0.' });
  onTestFinished(() => gate.release());
  const { id } = await batchOf(world, linesOf('named', 1));
  const stream = await follow(world, id);
  await gate.arrived;
  await world.client.request('POST', `/v1/batches/${id}/cancel`);
  gate.release();
  await stream.ended;
  expect(told(stream).at(-1)).toMatchObject({ event: 'batch.cancelled', batch: { status: 'cancelled' } });
  await all.until(() => all.events.some(({ event }) => /^task\.(succeeded|canceled)$/.test(event)));
  expect(all.events.filter(({ event }) => !event.startsWith('task.'))).toEqual([]);
});

test('a lost subscription loses no end', async ({ world }) => {
  const gate = world.upstream.gate('poll', { prompt: 'lost 0.' });
  onTestFinished(() => gate.release());
  const { id } = await batchOf(world, linesOf('lost', 1));
  await gate.arrived;
  const stream = await follow(world, id);
  await stream.until(() => stream.events.length > 0);
  await world.records.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  gate.release();
  await endedBatch(world, id);
  await stream.ended;
  expect(told(stream).at(-1)!.event).toBe('batch.completed');
});
