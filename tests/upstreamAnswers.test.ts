import { describe, expect } from 'vitest';
import { awaited } from './world/awaited.ts';
import { test, type World } from './world/world.ts';

const model = 'NanoBanana';
let number = 0;

/** Runs one task whose upstream behaves as the directives say; the prompt is its own. */
async function run(world: World, directives: string, more: object = {}) {
  const prompt = `answer ${number++} [[sim: ${directives}]]`;
  const { task_id } = await world.client.submit({ model, prompt, ...more });
  const task = await world.client.finished(task_id);
  return { task, submissions: world.upstream.submissions({ prompt }) };
}

describe('every form in which an upstream may answer leads to the picture', () => {
  const shapes = [
    'result_url',
    'result_urls',
    'results',
    'data_images',
    'metadata',
    'array',
    'comma',
    'b64_json',
    'data_uri',
  ];
  test.for(shapes)('two results as %s', async (shape, { world }) => {
    const { task } = await run(world, `shape=${shape}`, { n: 2 });
    expect(task).toMatchObject({ status: 'succeeded', metadata: { result_count: 2, attempts: 1 } });
  });

  test.for(['a', 'b', 'c', 'd', 'e', 'f', 'unknown'])('the status words %s', async (words, { world }) => {
    expect((await run(world, `status_words=${words}`)).task.status).toBe('succeeded');
  });

  test.for(['full', 'flat', 'data.id', 'id'])('the envelope %s', async (envelope, { world }) => {
    expect((await run(world, `envelope=${envelope}`)).task.status).toBe('succeeded');
  });
});

describe('a query that tells nothing is asked again', () => {
  const faults = ['401', '403', '429', '500', '502', '503', '500html', 'html', 'garbage', 'reset', 'backwards'];
  test.for(faults)('%s', async (fault, { world }) => {
    const { task, submissions } = await run(world, `poll=${fault} poll_times=2`);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
    expect(submissions).toHaveLength(1);
  });

  test('a task that is unknown right after its submission is waited for', async ({ world }) => {
    const { task, submissions } = await run(world, 'notfound=300');
    expect(task.status).toBe('succeeded');
    expect(submissions).toHaveLength(1);
  });
});

describe('a failed download is tried again and never submits the generation again', () => {
  const faults = ['500', '503', '404', '403', 'truncated', 'empty', 'garbage', 'reset'];
  test.for(faults)('%s', async (fault, { world }) => {
    const { task, submissions } = await run(world, `download=${fault} download_times=2`);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1 } });
    expect(submissions).toHaveLength(1);
  });

  test.for(['wrong_type', 'gzip', 'redirect'])(
    'an oddity that does no harm is borne: %s',
    async (oddity, { world }) => {
      const { task } = await run(world, `download=${oddity}`);
      expect(task).toMatchObject({ status: 'succeeded', metadata: { images: [{ media_type: 'image/png' }] } });
    },
  );

  test('a result URL that has expired is asked for anew', async ({ world }) => {
    const prompt = 'expires [[sim: expire=400]]';
    const gate = world.upstream.gate('download', { prompt: 'expires', times: 1 });
    const { task_id } = await world.client.submit({ model, prompt });
    await gate.arrived;
    // The URL was issued before the download arrived; it is judged when it is let through.
    const arrived = Date.now();
    await awaited(() => Date.now() > arrived + 400);
    gate.release();
    expect((await world.client.finished(task_id)).status).toBe('succeeded');
    expect(world.upstream.submissions({ prompt })).toHaveLength(1);
  });

  test('a result that is never to be had fails the task without another submission', async ({ world }) => {
    const { task, submissions } = await run(world, 'download=404');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'result_unavailable', retryable: true } });
    expect(submissions).toHaveLength(1);
  });

  test('a redirect into a private network is not followed', async ({ world }) => {
    const { task } = await run(world, 'download=redirect:http://10.1.2.3/secret');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'result_unavailable' } });
  });
});

describe('a failed generation', () => {
  test.for(['internal_error', 'temporarily_unavailable', 'overloaded', 'timeout'])(
    'is attempted again when %s may pass',
    async (reason, { world }) => {
      const { task, submissions } = await run(world, `fail=${reason} fail_times=1`);
      expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 2, possibly_duplicated: false } });
      expect(submissions.map((s) => s.idempotencyKey)).toEqual([`${task.task_id}-0-1`, `${task.task_id}-0-2`]);
    },
  );

  test('fails its task after its attempts', async ({ world }) => {
    const { task, submissions } = await run(world, 'fail=internal_error error_shape=string');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'upstream_failed', retryable: true } });
    expect(task.metadata).toMatchObject({ attempts: 3, cost: { actual: '0.0000' } });
    expect(submissions).toHaveLength(3);
  });

  test.for([
    ['content_policy', 'content_policy'],
    ['invalid_input', 'upstream_refused'],
    ['something_else', 'upstream_failed'],
  ] as const)('of %s is not attempted again', async ([reason, code], { world }) => {
    const { task, submissions } = await run(world, `fail=${reason}`);
    expect(task).toMatchObject({ status: 'failed', error: { code, upstream: { code: reason } } });
    expect(submissions).toHaveLength(1);
  });

  test('without a picture, or with garbage for one, is attempted again', async ({ world }) => {
    expect((await run(world, 'shape=none')).task).toMatchObject({ status: 'failed', metadata: { attempts: 3 } });
    const { task, submissions } = await run(world, 'download=garbage');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'result_unreadable' } });
    expect(submissions).toHaveLength(3);
  });
});
