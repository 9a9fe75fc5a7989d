import { randomBytes } from 'node:crypto';
import type { KeyNames, RedisClient } from '../../redis/index.ts';
import { askToSubmit } from '../askToSubmit.ts';
import { type CircuitSettings, noteSubmit, type SubmitNote } from '../noteSubmit.ts';
import { readGate } from '../readGate.ts';

const times = ['tat', 'held_until', 'open_until', 'probe_until'];

/** A new channel's gate on a real Redis, and a way through time that takes none: what it awaits is moved nearer. */
export function gateOf(redisOf: { readonly redis: RedisClient; keys: KeyNames }, submits_per_minute = 0) {
  const channel = { id: `c-${randomBytes(6).toString('hex')}`, submits_per_minute };
  const gates = () => ({ redis: redisOf.redis, keys: redisOf.keys });
  const circuit: CircuitSettings = { threshold: 5, cooldown_ms: 30_000, cooldown_max_ms: 300_000 };
  let traveled_ms = 0;
  return {
    channel,
    ask: (probe_ms = 65_000, wanted = 1) => askToSubmit(gates(), channel, probe_ms, wanted),
    note: (note: SubmitNote) => noteSubmit(gates(), channel.id, note, circuit),
    read: () => readGate(gates(), channel.id, Date.now()),
    key: redisOf.keys.gate(channel.id),
    now: () => Date.now() + traveled_ms,
    async travel(ms: number) {
      traveled_ms += ms;
      const found = await redisOf.redis.hmget(this.key, ...times);
      for (const [i, value] of found.entries()) {
        if (value !== null) await redisOf.redis.hset(this.key, times[i]!, String(Number(value) - ms));
      }
    },
  };
}
