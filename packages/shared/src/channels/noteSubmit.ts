import { type KeyNames, type RedisClient, script } from '../redis/index.ts';

const run = script(new URL('./lua/noteSubmit.lua', import.meta.url), {
  keys: ['gate'],
  args: ['outcome', 'hold', 'threshold', 'cooldown', 'cooldown_max', 'reason'],
  returns: ['closed', 'open', 'held'],
});

export type CircuitSettings = { threshold: number; cooldown_ms: number; cooldown_max_ms: number };

/** How a submission went, as far as the channel is concerned. */
export type SubmitNote =
  | { outcome: 'answered' }
  | { outcome: 'not_now'; hold_ms: number }
  | { outcome: 'failed' | 'refused_channel'; reason: string };

/**
 * Tells a channel's gate how a submission went: it holds back after "not now" and opens or closes the circuit.
 * @returns the circuit's state afterwards, or 'held'
 */
export async function noteSubmit(
  { redis, keys }: { redis: RedisClient; keys: KeyNames },
  channelId: string,
  note: SubmitNote,
  circuit: CircuitSettings,
) {
  const { word } = await run(
    redis,
    { gate: keys.gate(channelId) },
    {
      outcome: note.outcome,
      hold: note.outcome === 'not_now' ? Math.ceil(note.hold_ms) : 0,
      threshold: circuit.threshold,
      cooldown: circuit.cooldown_ms,
      cooldown_max: circuit.cooldown_max_ms,
      reason: 'reason' in note ? note.reason : '',
    },
  );
  return word;
}
