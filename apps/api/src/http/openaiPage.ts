import { fieldProblem } from '@darkroom/shared/errors';
import type { RedisClient } from '@darkroom/shared/redis';

export type OpenaiPage = { limit: number; after: string | undefined };

const limitDefault = 20;
const limitMax = 100;

/** What a page asks at most of an index whose entries may have nothing behind them. */
const entriesMax = 2000;

/** The query of OpenAI's lists: `limit`, and `after`, the id of the last item of the page before. @throws Problem */
export function parseOpenaiPage({ limit, after }: Record<string, unknown>): OpenaiPage {
  const count = limit === undefined ? limitDefault : Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw fieldProblem('invalid_request', 'limit', `\`limit\` must be a number from 1 to ${limitMax}.`);
  }
  if (after !== undefined && typeof after !== 'string') {
    throw fieldProblem('invalid_request', 'after', '`after` must be the id of the last item of the page before.');
  }
  return { limit: Math.min(count, limitMax), after: after || undefined };
}

/**
 * A page of an index, newest first.
 * @param index  zset of ids by time
 * @param show  an item by its id; undefined leaves it out
 */
export async function openaiPage<T>(
  redis: RedisClient,
  index: string,
  { limit, after }: OpenaiPage,
  show: (id: string) => Promise<T | undefined>,
): Promise<{ items: T[]; has_more: boolean }> {
  const rank = after === undefined ? -1 : await redis.zrevrank(index, after);
  if (rank === null) throw fieldProblem('invalid_request', 'after', '`after` is no item of this list.');
  const items: T[] = [];
  for (let at = Number(rank) + 1; at - Number(rank) <= entriesMax; at += limitMax) {
    const ids = await redis.zrevrange(index, at, at + limitMax - 1);
    for (const id of ids) {
      const item = await show(id);
      if (item === undefined) continue;
      if (items.length === limit) return { items, has_more: true };
      items.push(item);
    }
    if (ids.length < limitMax) return { items, has_more: false };
  }
  return { items, has_more: true };
}
