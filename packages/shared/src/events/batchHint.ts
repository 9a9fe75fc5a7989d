import type { Records } from '../tasks/index.ts';
import type { Entry } from './events.ts';

/** The name under which it goes over the channel of its key's events. */
const hint = 'batch.changed';

/**
 * Tells whoever follows a batch that there is something new in its record. It is kept nowhere: who misses it looks at
 * the record after a while anyway.
 * @throws when Redis does not answer
 */
export async function tellBatchChanged({ redis, keys }: Records, keyId: string, batchId: string): Promise<void> {
  await redis.spublish(keys.eventsTold(keyId), `0-0 ${hint} ${batchId}`);
}

/** The batch that a message of the channel hints at; undefined for an event. */
export function batchHintedAt({ event, task_id }: Entry): string | undefined {
  return (event as string) === hint ? task_id : undefined;
}
