import { setTimeout as pause } from 'node:timers/promises';
import { blocksOf, fieldOf } from '../../world/events.ts';
import { type Receiver, startReceiver } from '../../world/receiver.ts';
import type { House } from '../house/house.ts';

/** What a receiver does with what it gets. */
export type Mood = 'good' | 'hangs' | 'dies' | 'gone';

export type Listeners = {
  /** where requests of their own are told */
  hooks: string;
  /** an endpoint of alice's that may behave badly; the other one is always good */
  moody: { url: string; setMood(mood: Mood): void };
  close(): Promise<void>;
};

/** Everybody who is told: alice's two endpoints, the receiver of bob's requests, and a reader of each key's events. */
export async function startListeners(house: House): Promise<Listeners> {
  let over = false;
  let mood: Mood = 'good';
  const receivers = new Map<string, Receiver>();
  for (const name of ['good', 'moody', 'bobs']) {
    const receiver = await startReceiver();
    receivers.set(name, receiver);
    receiver.answer = (_, res) => {
      if (name !== 'moody' || mood === 'good') res.end('ok');
      else if (mood === 'dies') res.destroy();
      else if (mood === 'gone') res.writeHead(410).end();
    };
    const { push } = receiver.received;
    receiver.received.push = (...items) => {
      for (const { id, type, data } of items) {
        const { task_id, status } = data as { task_id?: string; status?: string };
        house.history.add({ t: 'told', by: 'webhook', reader: name, id, event: type, task_id, status });
      }
      return push.apply(receiver.received, items);
    };
  }
  for (const name of ['good', 'moody']) await register(house, receivers.get(name)!.url);
  const controller = new AbortController();
  const readers = (['alice', 'bob'] as const).map((who) => readAll(house, who, controller.signal, () => over));
  return {
    hooks: receivers.get('bobs')!.url,
    moody: {
      url: receivers.get('moody')!.url,
      setMood: (wanted) => {
        mood = wanted;
      },
    },
    async close() {
      over = true;
      controller.abort();
      await Promise.all(readers);
      await Promise.all([...receivers.values()].map((receiver) => receiver.close()));
    },
  };
}

async function register(house: House, url: string): Promise<void> {
  const answer = await fetch(`${house.urls[0]}/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.keys.alice}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
  });
  if (!answer.ok) throw new Error(`an endpoint was not registered: ${answer.status}`);
}

/** Reads all events of a key, and goes on after the last one it had whenever the stream breaks. */
async function readAll(house: House, who: 'alice' | 'bob', signal: AbortSignal, isOver: () => boolean): Promise<void> {
  let last: string | undefined;
  for (let turn = 0; !isOver(); turn++) {
    try {
      const headers: Record<string, string> = { authorization: `Bearer ${house.keys[who]}` };
      if (last !== undefined) headers['last-event-id'] = last;
      const url = `${house.urls[turn % house.urls.length]}/v1/events`;
      // A stream over a link that passes nothing on would be believed in for ever.
      const limited = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
      const response = await fetch(url, { headers, signal: limited });
      for await (const { id, event, data } of eventsOf(response)) {
        house.history.add({ t: 'told', by: 'sse', reader: who, id, event, task_id: data.task_id, status: data.status });
        if (id !== undefined) last = id;
      }
    } catch {
      // Broken off: it comes again.
    }
    await pause(100);
  }
}

type StreamEvent = { id: string | undefined; event: string; data: { task_id?: string; status?: string } };

async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  for await (const block of blocksOf(response)) {
    const event = fieldOf(block, 'event');
    if (event) yield { id: fieldOf(block, 'id'), event, data: JSON.parse(fieldOf(block, 'data') ?? '{}') };
  }
}
