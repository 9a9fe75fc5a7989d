import { expect } from 'vitest';
import { test } from './world/world.ts';

test.for([
  ['NanoBanana', 'webp', '16:9'],
  ['NanoBananaPro-1K', 'jpeg', '3:4'],
  ['NanoBanana2-0.5K', 'png', '1:1'],
] as const)(
  'a task for %s is made, stored and shown with its picture',
  async ([model, output_format, aspect_ratio], { world }) => {
    const created = await world.client.submit({ model, prompt: `a pear of ${model}`, output_format, aspect_ratio });
    expect(created).toMatchObject({ status: 'queued', progress: '0%', result_url: null, error: null });

    const task = await world.client.finished(created.task_id);

    expect(task).toMatchObject({
      task_id: created.task_id,
      status: 'succeeded',
      progress: '100%',
      error: null,
      metadata: {
        task_type: 'text2image',
        result_count: 1,
        model,
        channel: 'default',
        attempts: 1,
        possibly_duplicated: false,
        cost: { estimated: '0.0390', actual: '0.0390', currency: 'USD' },
        images: [{ media_type: `image/${output_format}`, url: task.result_url }],
      },
    });
    const picture = await fetch(task.result_url!);
    expect(picture.headers.get('content-type')).toBe(`image/${output_format}`);
    const bytes = await picture.bytes();
    expect(bytes.length).toBe(task.metadata.images[0]!.bytes);
  },
);
