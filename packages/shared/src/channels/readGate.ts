import type { KeyNames, RedisClient } from '../redis/index.ts';

/** A channel's gate as people on call see it. `until` is ISO 8601, or null when nothing ends by itself. */
export type GateState = {
  state: 'closed' | 'open' | 'half_open' | 'paused';
  reason: string | null;
  until: string | null;
};

/** Reads a channel's gate: what holds its submissions back now, if anything. */
export async function readGate(
  { redis, keys }: { redis: RedisClient; keys: KeyNames },
  channelId: string,
  now_ms: number,
): Promise<GateState> {
  const [paused, circuit, openUntil, reason, heldUntil] = await redis.hmget(
    keys.gate(channelId),
    'paused',
    'circuit',
    'open_until',
    'reason',
    'held_until',
  );
  if (paused === '1') return { state: 'paused', reason: 'paused by an operator', until: null };
  if (circuit === 'open' || circuit === 'half_open') {
    const until = Number(openUntil);
    return {
      state: circuit === 'open' && until > now_ms ? 'open' : 'half_open',
      reason: reason || null,
      until: new Date(until).toISOString(),
    };
  }
  const held = Number(heldUntil ?? 0);
  if (held > now_ms) {
    return { state: 'closed', reason: 'the upstream asked to wait', until: new Date(held).toISOString() };
  }
  return { state: 'closed', reason: null, until: null };
}
