import type { TaskId } from './ids.ts';
import { parseRecord, type TaskRecord } from './record.ts';
import type { Records } from './records.ts';

/**
 * Reads a task's record.
 * @returns undefined when there is none (never was, or past retention)
 * @throws RecordTooNew; InvariantBroken; when Redis does not answer
 */
export async function readTask({ redis, keys }: Records, id: TaskId): Promise<TaskRecord | undefined> {
  return parseRecord(await redis.hgetall(keys.task(id)));
}

/** The fence under which a part is held now, or undefined when there is no such task. */
export async function readFence({ redis, keys }: Records, id: TaskId, part: number): Promise<number | undefined> {
  const fence = await redis.hget(keys.task(id), `p${part}.fence`);
  return fence === null ? undefined : Number(fence);
}

/** A record's hash as it stands, for its manifest; empty when there is no such task. */
export const readHash = ({ redis, keys }: Records, id: TaskId): Promise<Record<string, string>> =>
  redis.hgetall(keys.task(id));
