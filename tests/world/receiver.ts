import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

/** What came in: verified by the published package, against the secret of the moment. */
export type Received = { id: string; type: string; data: Record<string, unknown>; metadata: unknown; path: string };

export type Receiver = {
  url: string;
  received: Received[];
  /** requests that did not verify, and why */
  unverified: string[];
  /** secrets that are good now; none: nothing is verified */
  secrets: string[];
  /** answers the next requests in place of 200, until it is undefined again */
  answer: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  /** resolves once so many have come in */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
};

/** A receiver of webhooks as a user would write it. */
export async function startReceiver(): Promise<Receiver> {
  const waiting = new Set<() => void>();
  const receiver: Receiver = {
    url: '',
    received: [],
    unverified: [],
    secrets: [],
    answer: undefined,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not within 20 s: ${holds}`)), 20_000);
        const look = () => {
          if (!holds()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer(async (req, res) => {
    // Whoever sends may die over it.
    const body = await text(req).catch(() => undefined);
    if (body === undefined) return;
    const headers = req.headers as Record<string, string>;
    const verifies = receiver.secrets.some((secret) => {
      try {
        new Webhook(secret).verify(body, headers);
        return true;
      } catch {
        return false;
      }
    });
    const { type, data, webhook_metadata: metadata } = JSON.parse(body);
    if (receiver.secrets.length > 0 && !verifies) receiver.unverified.push(headers['webhook-signature'] ?? 'unsigned');
    receiver.received.push({ id: headers['webhook-id']!, type, data, metadata, path: req.url! });
    for (const look of waiting) look();
    if (receiver.answer) receiver.answer(req, res);
    else res.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}
