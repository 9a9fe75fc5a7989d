import { type Entry, parseTold } from '@darkroom/shared/events';
import { type KeyNames, type RedisClient, type SubscriptionOfMany, subscribeToMany } from '@darkroom/shared/redis';

/** Whoever reads a key's events. */
export type Listener = {
  /** told every event of the key, and every hint at a batch of it */
  hear(entry: Entry): void;
  /** told that some may have been missed */
  missed(): void;
  /** told that the process closes */
  close(): void;
};

/**
 * The events of every key that somebody reads here. One connection to Redis serves them all: a key's channel is
 * subscribed to with its first reader and left with its last.
 */
export class EventHub {
  #keys: KeyNames;
  #readers = new Map<string, Set<Listener>>();
  #subscription: SubscriptionOfMany;
  #closed = false;

  constructor(redis: RedisClient, keys: KeyNames) {
    this.#keys = keys;
    this.#subscription = subscribeToMany(redis, {
      hear: (channel, message) => {
        const entry = parseTold(message);
        for (const reader of this.#readers.get(channel) ?? []) reader.hear(entry);
      },
      resubscribed: () => {
        for (const readers of this.#readers.values()) for (const reader of readers) reader.missed();
      },
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Begins to listen, and resolves once nothing is missed any more. @returns what ends it */
  async listen(keyId: string, reader: Listener): Promise<() => void> {
    const channel = this.#keys.eventsTold(keyId);
    const readers = this.#readers.get(channel) ?? new Set();
    this.#readers.set(channel, readers.add(reader));
    await this.#subscription.add(channel);
    return () => {
      readers.delete(reader);
      if (readers.size > 0 || this.#readers.get(channel) !== readers) return;
      this.#readers.delete(channel);
      this.#subscription.remove(channel);
    };
  }

  /** Ends every stream: readers come again, with the id of the last event they had. */
  close(): void {
    this.#closed = true;
    for (const readers of this.#readers.values()) for (const reader of [...readers]) reader.close();
    this.#subscription.close();
  }
}
