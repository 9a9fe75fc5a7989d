import { readFileSync } from 'node:fs';
import { Faults } from './faults.ts';
import { type Environment, Variables, withoutEmpty } from './variables.ts';

/** Reads and parses the JSON file a variable names. A fault is added under the variable's name; the answer is then undefined. */
export type ReadJson = (variable: string, path: string) => unknown;

/**
 * Parses the environment, once, at the edge. Faults are collected, not thrown, so that the caller can add its own and
 * tell all at once.
 * @param read  reads a file's text; throws when it cannot
 */
export function readVariables(
  env: Environment,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): { variables: Variables; faults: Faults; readJson: ReadJson } {
  const faults = new Faults();
  const given = withoutEmpty(env);
  const parsed = Variables.safeParse(given);
  if (!parsed.success) faults.addIssues(parsed.error);
  const bad = new Set((parsed.error?.issues ?? []).map((issue) => String(issue.path[0])));
  const variables = parsed.data ?? withoutBad(given, bad);
  addContradictions(variables, bad, faults);
  const readJson: ReadJson = (variable, path) => {
    try {
      return JSON.parse(read(path));
    } catch (error) {
      faults.add(variable, error instanceof SyntaxError ? 'names a file that is not JSON' : 'names no readable file');
      return undefined;
    }
  };
  return { variables, faults, readJson };
}

/** What the good variables say, where others are bad: enough to go on looking for faults, never to run with. */
function withoutBad(given: Environment, bad: ReadonlySet<string>): Variables {
  const good = Object.fromEntries(Object.entries(given).filter(([name]) => !bad.has(name)));
  return Variables.parse({ REDIS_URL: 'redis://127.0.0.1', SIGNING_KEYS: '', ...good });
}

/** Variables that are good alone and not together. */
function addContradictions(variables: Variables, bad: ReadonlySet<string>, faults: Faults): void {
  if (bad.has('POLL_MIN_SECONDS') || bad.has('POLL_MAX_SECONDS')) return;
  if (variables.POLL_MIN_SECONDS > variables.POLL_MAX_SECONDS) {
    faults.add(
      'POLL_MIN_SECONDS',
      'must not be above POLL_MAX_SECONDS: it is the shortest pause, that one the longest',
    );
  }
}
