import { expect } from 'vitest';
import { pngBase64, pngDataUri } from './world/pictures.ts';
import { test, testIn, type World } from './world/world.ts';

const model = 'NanoBanana';

async function madeFrom(world: World, request: object) {
  const { task_id } = await world.client.submit({ model, prompt: 'from a reference', ...request });
  const task = await world.client.finished(task_id);
  const submission = world.upstream.submissions({ idempotencyKey: `${task_id}-0-1` })[0]!;
  return { task, fields: submission.fields };
}

test('a reference by URL is passed on as it is', async ({ world }) => {
  const first = await world.client.submit({ model, prompt: 'the reference itself' });
  const reference = (await world.client.finished(first.task_id)).result_url!;
  const { task, fields } = await madeFrom(world, { image: reference });
  expect(task).toMatchObject({ status: 'succeeded', metadata: { task_type: 'image2image' } });
  expect(fields).toMatchObject({ image: reference, task_type: 'image2image' });
});

test.for([
  ['a data URI', { image: pngDataUri }],
  ['an object with base64', { image: { b64_json: pngBase64, media_type: 'image/png' } }],
  ['a list', { images: [{ b64_json: pngBase64 }] }],
] as const)('a reference as %s is stored and reaches the upstream as a URL of ours', async ([, request], { world }) => {
  const { task, fields } = await madeFrom(world, request);
  expect(task.status).toBe('succeeded');
  expect(fields.image).toMatch(new RegExp(`^${world.api.url}/files/${task.task_id}/input-0-[0-9a-f]{16}\\.png\\?`));
});

test('several references reach the upstream as a list', async ({ world }) => {
  const { task, fields } = await madeFrom(world, {
    images: [pngDataUri, { url: `${world.upstream.url}/nothing.png` }],
  });
  expect(fields.images).toHaveLength(2);
  expect(fields.image).toBeUndefined();
  expect(task.status).toBe('failed');
});

test('the compatible fields are taken where they stand alone', async ({ world }) => {
  expect((await madeFrom(world, { image_url: pngDataUri, images: [] })).task.status).toBe('succeeded');
  expect((await madeFrom(world, { image_urls: [pngDataUri] })).task.status).toBe('succeeded');
});

for (const inputs of ['data_uri', 'multipart'] as const) {
  const test = testIn({ env: { UPSTREAM_INPUTS: inputs } });

  test(`a channel that takes ${inputs} gets the bytes of URLs and uploads alike`, async ({ world }) => {
    const first = await world.client.submit({ model, prompt: 'the reference itself' });
    const url = (await world.client.finished(first.task_id)).result_url!;
    for (const image of [url, pngDataUri]) {
      const { task, fields } = await madeFrom(world, { image });
      expect(task.status).toBe('succeeded');
      if (inputs === 'data_uri') expect(fields.image).toMatch(/^data:image\/png;base64,/);
      else expect(fields.files).toBeDefined();
    }
  });

  test(`a channel that takes ${inputs} fails a task whose reference is no picture or cannot be fetched`, async ({
    world,
  }) => {
    for (const path of ['/nothing.png', '/__sim/tasks']) {
      const { task_id } = await world.client.submit({ model, prompt: 'x', image: world.upstream.url + path });
      const task = await world.client.finished(task_id);
      expect(task).toMatchObject({ status: 'failed', error: { code: 'image_unreadable', retryable: false } });
      expect(world.upstream.submissions({ idempotencyKey: `${task_id}-0-1` })).toEqual([]);
    }
  });
}
