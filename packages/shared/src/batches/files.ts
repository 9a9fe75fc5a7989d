import { z } from 'zod';
import { InvariantBroken } from '../errors/index.ts';
import { type Fields, jsonOfPairs, type Records } from '../tasks/index.ts';
import type { FileId } from './ids.ts';

const integer = z.coerce.number().int();

const FileShape = z.object({
  id: z.string(),
  key_id: z.string(),
  filename: z.string(),
  purpose: z.enum(['batch', 'batch_output']),
  bytes: integer,
  created_at_ms: integer,
});

/** A file as its record says: a batch's input, or what came of it. Its bytes are in storage under `fileKey`. */
export type StoredFile = z.infer<typeof FileShape>;

/** Where a file's bytes are in storage. */
export const fileKey = (id: string) => `${id}/content.jsonl`;

/** Writes a file's record, once its bytes are stored. Writing it again is fine. */
export async function keepFile({ redis, keys }: Records, file: StoredFile): Promise<void> {
  const fields = JSON.parse(jsonOfPairs(file satisfies Fields)) as string[];
  await redis.zadd(keys.filesOf(file.key_id), 'NX', file.created_at_ms, file.id);
  await redis.zadd(keys.files(file.id), 'NX', file.created_at_ms, file.id);
  await redis.hset(keys.file(file.id), ...fields);
}

/** @returns undefined when there is none @throws InvariantBroken; when Redis does not answer */
export async function readFile({ redis, keys }: Records, id: FileId): Promise<StoredFile | undefined> {
  const hash = await redis.hgetall(keys.file(id));
  if (Object.keys(hash).length === 0) return undefined;
  const parsed = FileShape.safeParse(hash);
  if (!parsed.success) throw new InvariantBroken(`a file's record cannot be read: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Forgets a file's record; its bytes are for the caller to remove, before. */
export async function forgetFile({ redis, keys }: Records, { id, key_id }: Pick<StoredFile, 'id' | 'key_id'>) {
  await redis.del(keys.file(id));
  await redis.zrem(keys.files(id), id);
  await redis.zrem(keys.filesOf(key_id), id);
}
