import type { KeyNames, RedisClient } from '../redis/index.ts';

/** Where the records are: the connection and the names of the keys. */
export type Records = { redis: RedisClient; keys: KeyNames };

/** The keys of every script that may end a task. */
export const endingKeys = ({ keys }: Records, id: string) => ({
  task: keys.task(id),
  open: keys.open(id),
  done: keys.done(id),
  ends: keys.ends(id),
});
