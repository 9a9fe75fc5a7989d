import { describe, expect } from 'vitest';
import { testIn, type World } from './world/world.ts';

const model = 'NanoBanana';
let number = 0;

async function run(world: World, directives: string, more: object = {}) {
  const prompt = `submission ${number++} [[sim: ${directives}]]`;
  const { task_id } = await world.client.submit({ model, prompt, ...more });
  const task = await world.client.finished(task_id);
  const submissions = world.upstream.submissions({ prompt });
  return { task, submissions, keys: submissions.map((s) => s.idempotencyKey) };
}

// A failure opens the circuit only after many in a row here, so that the tests of this file do not hold each other up.
const test = testIn({ env: { CIRCUIT_FAILURES: '1000' } });

describe('refused for the request’s own fault: failed, with the upstream’s reason', () => {
  test.for(['400', '404', '413', '422'])('%s', async (status, { world }) => {
    const { task, submissions } = await run(world, `submit=${status}`);
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'upstream_refused', retryable: false, upstream: { status: Number(status) } },
      metadata: { cost: { actual: '0.0000' } },
    });
    expect(submissions).toHaveLength(1);
  });

  test.for(['400', '500'])('content policy, under %s', async (status, { world }) => {
    const { task, submissions } = await run(world, `submit=${status} submit_code=content_policy_violation`);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'content_policy', upstream: { status: +status } } });
    expect(submissions).toHaveLength(1);
  });

  test('an error in a 2xx', async ({ world }) => {
    const { task, submissions } = await run(world, 'submit=error2xx submit_code=invalid_prompt');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'upstream_refused' } });
    expect(submissions).toHaveLength(1);
  });

  test('an error in OpenAI’s shape', async ({ world }) => {
    const { task } = await run(world, 'submit=400 error_body=openai submit_code=moderation_blocked');
    expect(task.error).toMatchObject({ code: 'content_policy', upstream: { status: 400 } });
  });
});

describe('surely not accepted: the same attempt again, unmarked', () => {
  test.for(['500', '502', '503'])('%s with a readable error', async (status, { world }) => {
    const { task, keys } = await run(world, `submit=${status} times=2`);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
    expect(new Set(keys)).toEqual(new Set([`${task.task_id}-0-1`]));
    expect(keys).toHaveLength(3);
  });

  test('until the deadline, then failed as unavailable', async ({ world }) => {
    const { task } = await run(world, 'submit=500', { deadline_seconds: 1 });
    expect(task).toMatchObject({ status: 'failed', error: { code: 'upstream_unavailable', retryable: true } });
  });
});

describe('unknown: the same attempt again under the same key, and marked', () => {
  test.for(['500html', 'reset_before', 'reset_after', 'empty2xx', 'garbage2xx'])('%s', async (fault, { world }) => {
    const { task, keys } = await run(world, `submit=${fault} times=1`);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: true } });
    expect(keys).toEqual([`${task.task_id}-0-1`, `${task.task_id}-0-1`]);
  });
});

describe('not now: the channel waits as long as asked, and it is no attempt', () => {
  test.for(['retry_after=1', 'retry_after=date:1', 'submit=503 retry_after=1'])(
    '429 with %s',
    async (how, { world }) => {
      const { task, submissions } = await run(world, `submit=429 times=1 ${how}`);
      expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
      expect(submissions).toHaveLength(2);
      // An HTTP date has whole seconds, so the wait it asks for may have just begun or be nearly over.
      if (!how.includes('date')) expect(submissions[1]!.at - submissions[0]!.at).toBeGreaterThanOrEqual(990);
    },
  );
});
