import { judgeUrl, literalHost, portOf, type UrlJudgement } from './judgeUrl.ts';
import { boundedLookup, type LookupAll, lookupAll, lookupCallable } from './lookup.ts';
import { EgressRefused } from './refusal.ts';
import type { EgressSurface } from './surface.ts';

/** Half would refuse names behind one lost DNS packet (resolvers ask again after 5 s at most); double, a client waits. */
const lookupTimeoutMs = 6000;

/**
 * Judges a URL as `judgeUrl` does, then looks its name up and judges every address: for a URL that is kept for later and
 * whose giver should hear now that it will not work. It proves nothing about later; the agent judges again.
 */
export async function judgeResolved(
  text: string,
  surface: EgressSurface,
  { lookup = lookupAll, timeoutMs = lookupTimeoutMs }: { lookup?: LookupAll; timeoutMs?: number } = {},
): Promise<UrlJudgement> {
  const judged = judgeUrl(text, surface);
  if (!judged.ok || literalHost(judged.url)) return judged;
  const { hostname } = judged.url;
  try {
    await lookupCallable(hostname, portOf(judged.url), surface, boundedLookup(lookup, timeoutMs));
    return judged;
  } catch (error) {
    if (!(error instanceof EgressRefused)) throw error;
    return { ok: false, reason: error.reason, ...(error.unresolved && { unresolved: true }) };
  }
}
