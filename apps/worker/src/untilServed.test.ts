import type { PartStore } from '@darkroom/shared/tasks';
import { expect, test } from 'vitest';
import { change } from './generation/change.ts';
import type { GenerationDeps } from './generation/deps.ts';
import type { Hand } from './generation/hand.ts';
import { Stop } from './generation/stop.ts';
import { patientParts, untilServed } from './untilServed.ts';

const noPause = async () => undefined;

test.for([
  "READONLY You can't write against a read only replica.",
  "OOM command not allowed when used memory > 'maxmemory'.",
  'MISCONF Errors writing to the AOF file: No space left on device',
  'LOADING Redis is loading the dataset in memory',
])('a step that Redis refuses for now is done once it is served: %s', async (refusal) => {
  let tries = 0;
  const answer = await untilServed(async () => {
    if (++tries < 4) throw new Error(refusal);
    return 'served';
  }, noPause);
  expect({ answer, tries }).toEqual({ answer: 'served', tries: 4 });
});

test('a defect is not waited for', async () => {
  const parts = patientParts(
    {
      change: async () => {
        throw new TypeError('a defect');
      },
    } as unknown as PartStore,
    noPause,
  );
  await expect(parts.change({ id: 'task_a', part: 0, fence: 1 }, 'submit', { now_ms: 0 })).rejects.toThrow('a defect');
});

/** A part that is held under fence 7, and a store that no longer allows the change: it stands as `hash` says. */
function refused(hash: { state: string; fence: number }) {
  const record = {
    v: '1',
    id: `task_${'a'.repeat(26)}`,
    key_id: 'k',
    channel: 'default',
    fingerprint: 'f',
    request: JSON.stringify({
      model: 'm',
      prompt: 'p',
      task_type: 'text2image',
      inputs: [],
      aspect_ratio: null,
      output_format: null,
      n: 1,
    }),
    priority: 'interactive',
    unit_price: '0',
    currency: 'USD',
    parts: '1',
    status: 'in_progress',
    created_at_ms: '1',
    deadline_at_ms: '2',
    'p0.state': hash.state,
    'p0.fence': String(hash.fence),
    'p0.n': '1',
  };
  const parts = { change: async () => ({ word: 'not_allowed' }), hashOf: async () => record };
  const deps = { parts, now: () => 0, workerId: 'w' } as unknown as GenerationDeps;
  const hand = { task: { id: record.id }, index: 0, part: { state: 'submitting' }, fence: 7 } as unknown as Hand;
  return change(deps, hand, 'accept', { part: { upstream_task_id: 'u' }, why: '' });
}

test('a change that was made although its answer was lost counts as made when it is sent again', async () => {
  expect((await refused({ state: 'running', fence: 7 })).part).toMatchObject({
    state: 'running',
    upstream_task_id: 'u',
  });
});

test.for([
  ['another holder', { state: 'running', fence: 8 }],
  ['another state', { state: 'queued', fence: 7 }],
] as const)('it does not with %s', async ([, hash]) => {
  await expect(refused(hash)).rejects.toThrow(new Stop('claim_lost'));
});
