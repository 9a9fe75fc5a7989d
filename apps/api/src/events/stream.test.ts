import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Entry } from '@darkroom/shared/events';
import { recordOf } from '@darkroom/shared/tasks';
import { createLogger } from '@darkroom/shared/telemetry';
import express, { type Response } from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { orderOf } from '../../../../packages/shared/src/tasks/testing/orders.ts';
import { blocksOf, fieldOf } from '../../../../tests/world/events.ts';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';
import type { EventHub, Listener } from './hub.ts';
import { type Scope, streamEvents } from './stream.ts';
import { Tellings } from './tellings.ts';

const file = redisOfFile();

/** 8 kB to tell of: 500 events of it are four times what may be unread. */
const task = recordOf(
  orderOf({ labels: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`label ${i}`, 'x'.repeat(512)])) }),
);
const entries = Array.from(
  { length: 500 },
  (_, i): Entry => ({ id: `1-${i}`, event: 'task.progress', task_id: task.id }),
);

/** One stream over real HTTP, whose events come from the test. */
async function servedStream(tellings: Tellings, scope: Scope) {
  const { promise: reader, resolve } = Promise.withResolvers<Listener>();
  const listen = async (_keyId: string, listener: Listener) => {
    resolve(listener);
    return () => undefined;
  };
  const deps = {
    records: file,
    tellings,
    events: { listen } as unknown as EventHub,
    logger: createLogger('api', 'fatal'),
  };
  let res: Response | undefined;
  const server = express()
    .get('/', (req, response) => {
      res = response;
      return streamEvents(deps, req, response, scope);
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return {
    reader,
    isHeldUp: () => res?.writableNeedDrain === true,
    response: fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  };
}

test('who is told much that others have had read already gets all of it, and is not found too slow', async () => {
  const signer = { urlOf: (key: string) => key, verify: () => false };
  // Read at once, as what others have had read is: nothing gives the sockets a turn but the stream itself.
  const tellings = new Tellings({ readTask: async () => task, signer });
  const { reader, response } = await servedStream(tellings, { keyId: task.key_id, begin: async () => [] });
  const listener = await reader;
  for (const entry of entries) listener.hear(entry);
  const ids: (string | undefined)[] = [];
  for await (const block of blocksOf(await response)) {
    ids.push(fieldOf(block, 'id'));
    if (ids.length === entries.length) break;
  }
  expect(ids).toEqual(entries.map(({ id }) => id));
});

test('who takes long over the beginning, however much there is of it, gets all of it', async () => {
  const signer = { urlOf: (key: string) => key, verify: () => false };
  const tellings = new Tellings({ readTask: async () => task, signer });
  // Some 20 MB: more than the sockets hold, and twenty times what may be unread.
  const tasks = Array.from({ length: 2500 }, () => task);
  const { response, isHeldUp } = await servedStream(tellings, { keyId: task.key_id, begin: async () => tasks });
  const answer = await response;
  await expect.poll(isHeldUp).toBe(true);
  let blocks = 0;
  for await (const block of blocksOf(answer)) {
    blocks++;
    if (fieldOf(block, 'id') !== undefined) break;
  }
  expect(blocks).toBe(tasks.length);
});
