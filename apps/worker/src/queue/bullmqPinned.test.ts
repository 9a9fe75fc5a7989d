import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'bullmq';
import { expect, test } from 'vitest';

/**
 * What `SteadyWorker` was written against. When a test here fails, BullMQ has changed: read the method's new source, see
 * whether the override in `SteadyWorker.ts` still does what it says, and only then write the new digest down.
 */
const version = '6.7.0';
const digests = {
  extendJobLocks: '91e736859b98e217fb7519aab74759d7ebdef80f8156a83409f8ab418cd1a2bf',
  moveStalledJobsToWait: '215202fe62202353ae7c26540952ea313c569518a42d49232ff8f2bf18754074',
  processJob: '07268ae7f3ef3f390027c88bc44265cabfdfaa8f409d8479c2dbc18c74b5cd01',
  _getNextJob: '53556d18d560ba53fbe0bc60c763a0b0361c4176f9f8f2079fc4f3d7bf479d7e',
};

test.each(['api', 'worker', 'shared'])('%s runs and asks for exactly the BullMQ that was read', (name) => {
  const folder = name === 'shared' ? 'packages/shared' : `apps/${name}`;
  const manifest = new URL(`../../../../${folder}/package.json`, import.meta.url);
  const asked = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: Record<string, string> };
  const installed = createRequire(manifest)('bullmq/package.json') as { version: string };
  expect([asked.dependencies.bullmq, installed.version]).toEqual([version, version]);
});

test.each(Object.entries(digests))('the method %s, which we override, is as it was read', (name, digest) => {
  const method = (Worker.prototype as unknown as Record<string, () => unknown>)[name];
  expect(method, `BullMQ's Worker has no method ${name} any more`).toBeTypeOf('function');
  expect(createHash('sha256').update(String(method)).digest('hex')).toBe(digest);
});
