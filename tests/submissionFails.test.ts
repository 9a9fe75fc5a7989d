import { expect } from 'vitest';
import { testIn } from './world/world.ts';

const test = testIn({ env: { AMBIGUOUS_SUBMIT: 'fail', CIRCUIT_FAILURES: '1000' } });

test.for(['500html', 'reset_after', 'garbage2xx'])(
  'an unknown outcome (%s) fails the task and is never submitted again where the channel says so',
  async (fault, { world }) => {
    const prompt = `unknown [[sim: submit=${fault}]]`;
    const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt });
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'submission_unknown', retryable: false } });
    expect(world.upstream.submissions({ prompt })).toHaveLength(1);
  },
);
