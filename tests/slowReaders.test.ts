import { appendEvent } from '@darkroom/shared/events';
import { readTask, type TaskId, type TaskRecord } from '@darkroom/shared/tasks';
import { expect, onTestFinished } from 'vitest';
import { awaited } from './world/awaited.ts';
import { keys, type World } from './world/createWorld.ts';
import { blocksOf, type EventStream, fieldOf, readEvents } from './world/events.ts';
import { test } from './world/world.ts';

/** What the API says when a reader has left too much unread. */
const letGo = 'too slow a reader is let go';

/** Of 25 kB each: as many as the bound of what may be unread has room for, so that a fast reader is in no danger. */
const eventsARound = 20;

/** Far more than the system keeps between two sockets whose reader does not read: some 4 MB, or 8. */
const roundsMax = 128;

/** A task that does not end while the test runs, and that takes 25 kB to tell of. */
async function largeTask(world: World, prompt: string): Promise<TaskRecord> {
  const gate = world.upstream.gate('submit', { prompt });
  onTestFinished(() => gate.release());
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`label ${i}`, '梨'.repeat(512)]));
  const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt, labels });
  await gate.arrived;
  return (await readTask(world.records, task_id as TaskId))!;
}

/** A reader that takes the beginning, from which on it is to miss nothing, and no more until its blocks are read. */
async function openUnread(url: string, requestId: string): Promise<AsyncGenerator<string>> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const headers = { authorization: `Bearer ${keys.alice}`, 'x-request-id': requestId };
  const blocks = blocksOf(await fetch(url, { headers, signal: controller.signal }));
  await blocks.next();
  return blocks;
}

async function openFast(url: string): Promise<EventStream> {
  const stream = await readEvents(url, keys.alice);
  await stream.until(() => stream.events.length > 0);
  return stream;
}

async function restOf(blocks: AsyncGenerator<string>): Promise<string[]> {
  const rest: string[] = [];
  for await (const block of blocks) rest.push(block);
  return rest;
}

/** What the API has said of a request. */
const saidOf = (world: World, requestId: string, what: string) =>
  world.api.logs().find(({ msg, request_id }) => msg === what && request_id === requestId);

const progressOf = (stream: EventStream) => stream.events.filter(({ event }) => event === 'task.progress');

/** Tells of a task, and resolves when the fast reader has heard all of it. */
async function tellRound(world: World, task: TaskRecord, fast: EventStream): Promise<void> {
  const told = progressOf(fast).length + eventsARound;
  for (let i = progressOf(fast).length; i < told; i++) {
    await appendEvent(world.records, task, 'task.progress', Date.now(), `${i}`);
  }
  await fast.until(() => progressOf(fast).length >= told);
}

/** Tells of a task until a reader is let go. @returns what the API says of it */
async function tellUntilLetGo(world: World, task: TaskRecord, fast: EventStream, requestId: string) {
  for (let round = 0; round < roundsMax; round++) {
    const line = saidOf(world, requestId, letGo);
    if (line) return line;
    await tellRound(world, task, fast);
  }
  throw new Error(`${requestId} was not let go in ${roundsMax} rounds`);
}

test('a reader that is too slow is let go, one beside it hears each event, and who comes again misses nothing', async ({
  world,
}) => {
  const task = await largeTask(world, 'read slowly');
  const url = `${world.api.url}/v1/events`;
  const slow = await openUnread(url, 'slow');
  const fast = await openFast(url);
  const { unread_bytes } = await tellUntilLetGo(world, task, fast, 'slow');
  expect(unread_bytes).toBeGreaterThan(2 ** 20);
  expect(unread_bytes).toBeLessThan(2 ** 20 + 100_000);
  await tellRound(world, task, fast);

  const blocks = await restOf(slow);
  expect(blocks.pop()).toBe('event: stream.closed\ndata: {"reason":"too_slow"}');
  const had = blocks.flatMap((block) => (fieldOf(block, 'event') === 'task.progress' ? fieldOf(block, 'id') : []));
  const all = progressOf(fast).map(({ id }) => id);
  expect(had.length).toBeLessThan(all.length);

  const again = await readEvents(url, keys.alice, had.at(-1));
  await again.until(() => again.events.at(-1)?.id === all.at(-1));
  expect([...had, ...again.events.map(({ id }) => id)]).toEqual(all);
  expect(fast.events.some(({ event }) => event === 'stream.closed')).toBe(false);
});

test('a reader that takes nothing more is cut off soon after it is let go', async ({ world }) => {
  const task = await largeTask(world, 'never read');
  const url = `${world.api.url}/v1/events`;
  const stuck = await openUnread(url, 'stuck');
  const fast = await openFast(url);
  await tellUntilLetGo(world, task, fast, 'stuck');
  await awaited(() => saidOf(world, 'stuck', 'client hung up') !== undefined);
  await expect(restOf(stuck)).rejects.toThrow('terminated');
});
