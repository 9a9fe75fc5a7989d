import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Plan, plans, type Terms } from './plan.ts';
import { simulate } from './simulate.ts';

/** Plans of each of the four campaigns below. */
const runs = Number(process.env.SIM_RUNS ?? 2600);

/** `<seed>` runs a whole campaign of another seed; `<seed>:<path>` replays the one plan that a failure printed. */
const [seed = '20260101', ...path] = (process.env.SIM_SEED ?? '20260101').split(':');

async function campaign(name: string, terms: Terms): Promise<void> {
  const property = fc.asyncProperty(plans, async (plan) => (await simulate(plan, terms)).broken.length === 0);
  const replay = path.length > 0 ? { path: path.join(':') } : {};
  const result = await fc.check(property, { seed: Number(seed), numRuns: runs, ...replay });
  if (!result.failed) return;
  expect.fail(await reportOf(name, terms, result));
}

/** What to read and what to type when a campaign fails. */
async function reportOf(name: string, terms: Terms, result: fc.RunDetails<[Plan]>): Promise<string> {
  const [plan] = result.counterexample ?? [];
  if (!plan) return `no plan failed, but the campaign did: ${result.errorInstance}`;
  const { broken, story } = await simulate(plan, terms);
  return [
    broken.join('\n') || String(result.errorInstance),
    `Replay: SIM_SEED=${result.seed}:${result.counterexamplePath} node_modules/.bin/vitest run tests/simulation -t '${name}'`,
    `Shrunk ${result.numShrinks} times, after ${result.numRuns} plans, to ${JSON.stringify(plan)}`,
    'The end of its story, in seconds of virtual time:',
    ...story,
  ].join('\n');
}

const campaigns: [string, Terms][] = [
  ['retry at an upstream that knows keys', { ambiguous_submit: 'retry', idempotent: true }],
  ['retry at an upstream that knows no keys', { ambiguous_submit: 'retry', idempotent: false }],
  ['fail at an upstream that knows keys', { ambiguous_submit: 'fail', idempotent: true }],
  ['fail at an upstream that knows no keys', { ambiguous_submit: 'fail', idempotent: false }],
];

test.each(campaigns)('whatever crashes, nothing is lost or paid twice in silence: %s', { timeout: 60_000 }, campaign);
