import { createEgressAgent, type EgressAgentOptions } from '../agent.ts';
import { parseCidrs } from '../cidrs.ts';
import type { LookupAll } from '../lookup.ts';
import type { EgressSurface } from '../surface.ts';

/** A surface with nothing listed and http allowed, so that in a test only the addresses decide. */
export function surfaceOf({ listed = '', ...changes }: Partial<EgressSurface> & { listed?: string } = {}) {
  const surface: EgressSurface = { name: 'webhook', allowHttp: true, allowedCidrs: parseCidrs(listed), ...changes };
  return surface;
}

/** An agent that nothing slows down, and that is impatient with a canary that does not answer. */
export function agentOf(surface: EgressSurface, options: Partial<EgressAgentOptions> = {}) {
  const timeouts = { connectTimeoutMs: 5000, headersTimeoutMs: 5000, bodyTimeoutMs: 5000 };
  return createEgressAgent(surface, { ...timeouts, ...options });
}

/** A resolver that knows these names only, and answers each question about a name with the next of its answers. */
export function lookupOf(names: Record<string, string[] | string[][]>): LookupAll & { asked: string[] } {
  const asked: string[] = [];
  const lookup = async (hostname: string) => {
    const answers = names[hostname];
    if (!answers) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
    const nth = asked.filter((name) => name === hostname).length;
    asked.push(hostname);
    return Array.isArray(answers[0]) ? (answers[Math.min(nth, answers.length - 1)] as string[]) : (answers as string[]);
  };
  return Object.assign(lookup, { asked });
}
