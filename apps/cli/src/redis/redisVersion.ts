import type { RunToEnd } from '../processes/runToEnd.ts';

/** Sharded publish, which wakes whoever waits for a task, came with Redis 7. Every Valkey has it. */
const oldestMajor = 7;

/**
 * Asks a Redis server program for its version.
 * @returns undefined when it is new enough or does not say; else a sentence part, e.g. `is version 6.0.16`
 */
export async function tooOld(binary: string, run: RunToEnd): Promise<string | undefined> {
  let said = '';
  await run(binary, ['--version'], { onLine: (line) => (said += `${line}\n`) });
  if (!said.startsWith('Redis')) return undefined;
  const version = /v=(\d+)\.[\d.]+/.exec(said);
  if (!version || Number(version[1]) >= oldestMajor) return undefined;
  return `is version ${version[0].slice(2)}, and Darkroom needs Redis ${oldestMajor} or newer`;
}
