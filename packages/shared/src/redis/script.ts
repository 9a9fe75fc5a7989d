import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from './connect.ts';

type ScriptContract<K extends string, A extends string, W extends string> = {
  keys: readonly K[];
  args: readonly A[];
  returns: readonly W[];
};

/** What a script answered: a word, and whatever the script's header says stands behind it. */
export type ScriptAnswer<W extends string> = { word: W; rest: unknown[] };

/** A script that cannot be trusted: it answered a word its header does not list. */
export class UnknownScriptAnswer extends Error {
  override name = 'UnknownScriptAnswer';
}

/**
 * Makes a typed function of a `.lua` file. The file is read when the function is first called; it runs by its hash
 * and is sent again when Redis has forgotten it (`SCRIPT FLUSH`, a restart, another cluster node). Lines of the form
 * `-- @include name` are replaced by the file `includes/name.lua` beside it.
 * @param contract  names of keys and arguments in the order the script takes them, and every word it may answer
 * @returns a function that runs the script; it rejects an answer that is not listed
 */
export function script<K extends string, A extends string, W extends string>(
  file: URL,
  contract: ScriptContract<K, A, W>,
) {
  let loaded: { source: string; sha: string } | undefined;
  return async (
    redis: RedisClient,
    keys: Record<K, string>,
    args: Record<A, string | number>,
  ): Promise<ScriptAnswer<W>> => {
    loaded ??= load(file);
    const values = [...contract.keys.map((k) => keys[k]), ...contract.args.map((a) => args[a])];
    const answer = await evaluate(redis, loaded, contract.keys.length, values);
    const [word, ...rest] = Array.isArray(answer) ? answer : [answer];
    if (!contract.returns.includes(word as W)) {
      throw new UnknownScriptAnswer(`${file.pathname.split('/').at(-1)} answered a word it does not list`);
    }
    return { word: word as W, rest };
  };
}

function load(file: URL): { source: string; sha: string } {
  const source = readFileSync(file, 'utf8').replace(/^-- @include (\w+)$/gm, (_, name: string) =>
    readFileSync(new URL(`includes/${name}.lua`, file), 'utf8'),
  );
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

async function evaluate(
  redis: RedisClient,
  { source, sha }: { source: string; sha: string },
  keyCount: number,
  values: (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keyCount, ...values);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(source, keyCount, ...values);
  }
}
