import { lookup as systemLookup } from 'node:dns/promises';
import { mayCall } from './judgeAddress.ts';
import { badName, EgressRefused } from './refusal.ts';
import type { EgressSurface } from './surface.ts';

/** Finds all addresses of a name, in the order to try them. Rejects, or gives none, when there are none. */
export type LookupAll = (hostname: string) => Promise<readonly string[]>;

/** Asks the operating system, as every connection of this process does. */
export const lookupAll: LookupAll = async (hostname) =>
  (await systemLookup(hostname, { all: true })).map(({ address }) => address);

/** The same lookup, rejecting when it takes longer than `timeoutMs`. The question itself cannot be called back. */
export function boundedLookup(lookup: LookupAll, timeoutMs: number): LookupAll {
  return async (hostname) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    return await Promise.race([lookup(hostname), late.promise]).finally(() => clearTimeout(timer));
  };
}

/**
 * Looks a name up and gives its addresses only if every one of them may be called: a name that mixes a public and an
 * inner address is an attack or a mistake, and which of the two a connection takes is chance.
 * @throws EgressRefused; `unresolved` when the lookup failed
 */
export async function lookupCallable(
  hostname: string,
  port: number,
  surface: EgressSurface,
  lookup: LookupAll,
): Promise<readonly [string, ...string[]]> {
  let found: readonly string[];
  try {
    found = await lookup(hostname);
  } catch (cause) {
    throw new EgressRefused(badName, { unresolved: true, cause });
  }
  const [first, ...others] = found;
  if (first === undefined) throw new EgressRefused(badName, { unresolved: true });
  if (!found.every((address) => mayCall(address, port, surface))) throw new EgressRefused(badName);
  return [first, ...others];
}
