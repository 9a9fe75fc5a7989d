import { type KeyNames, type RedisClient, script } from '../redis/index.ts';
import type { Channel } from './catalogue.ts';

const run = script(new URL('./lua/askToSubmit.lua', import.meta.url), {
  keys: ['gate'],
  args: ['interval', 'burst', 'probe', 'wanted'],
  returns: ['go', 'wait'],
});

/** Submissions that may leave at once after a quiet time. One more would exceed small rates; one less idles. */
const burst = 2;

export type WaitReason = 'rate' | 'held' | 'paused' | 'open' | 'probing';
export type Turn =
  | { word: 'go'; turns: number; kind: 'normal' | 'probe' }
  | { word: 'wait'; wait_ms: number; reason: WaitReason };

/**
 * Asks for the turns of submissions that wait on a channel: rate, hold, pause and circuit of all workers together. `go`
 * takes as many as it says, at least one and no more than are wanted.
 * @param probe_ms  after so long without word of a probe another may leave (its worker may have died)
 * @param wanted  submissions that wait for their turn
 * @throws when Redis does not answer
 */
export async function askToSubmit(
  { redis, keys }: { redis: RedisClient; keys: KeyNames },
  channel: Pick<Channel, 'id' | 'submits_per_minute'>,
  probe_ms: number,
  wanted = 1,
): Promise<Turn> {
  const interval = channel.submits_per_minute > 0 ? 60_000 / channel.submits_per_minute : 0;
  const asked = { interval, burst, probe: probe_ms, wanted };
  const { word, rest } = await run(redis, { gate: keys.gate(channel.id) }, asked);
  if (word === 'go') return { word, turns: Number(rest[0]), kind: rest[1] as 'normal' | 'probe' };
  return { word, wait_ms: Math.max(1, Number(rest[0])), reason: rest[1] as WaitReason };
}
