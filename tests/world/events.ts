import { onTestFinished } from 'vitest';

export type Event = {
  id: string | undefined;
  event: string;
  data: { task_id: string; status: string; progress: string };
};

export type EventStream = {
  status: number;
  events: Event[];
  heartbeats: number;
  /** resolves once it holds, or rejects after 20 s */
  until(holds: () => boolean): Promise<void>;
  ended: Promise<void>;
  close(): void;
};

/** Reads server-sent events as a client does. */
export async function readEvents(url: string, key: string, lastEventId?: string): Promise<EventStream> {
  const controller = new AbortController();
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
  const response = await fetch(url, { headers, signal: controller.signal });
  const looks = new Set<() => void>();
  const stream: EventStream = {
    status: response.status,
    events: [],
    heartbeats: 0,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not within 20 s: ${holds}`)), 20_000);
        const look = () => {
          if (!holds()) return;
          clearTimeout(timer);
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    ended: Promise.resolve(),
    close: () => controller.abort(),
  };
  onTestFinished(() => stream.close());
  stream.ended = (async () => {
    try {
      for await (const block of blocksOf(response)) {
        take(stream, block);
        for (const look of looks) look();
      }
    } catch {
      // Broken off, by the test or by the server's end.
    }
  })();
  return stream;
}

/** The blocks of a stream of server-sent events, as they come. */
export async function* blocksOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
}

/** One field of a block. */
export const fieldOf = (block: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];

function take(stream: EventStream, block: string): void {
  if (block.startsWith(':')) {
    stream.heartbeats++;
    return;
  }
  const data = JSON.parse(fieldOf(block, 'data')!);
  stream.events.push({ id: fieldOf(block, 'id'), event: fieldOf(block, 'event')!, data });
}
