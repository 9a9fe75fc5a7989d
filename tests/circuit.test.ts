import { expect } from 'vitest';
import { testIn } from './world/world.ts';

const test = testIn({ env: { CIRCUIT_COOLDOWN_SECONDS: '0.3' } });

test.for(['401', '402', '403'])(
  'a refusal of the channel (%s) opens its circuit, shows it, and keeps the task',
  async (status, { world }) => {
    const prompt = `refused [[sim: submit=${status} times=1]]`;
    const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt });
    const task = await world.client.finished(task_id);
    expect(task).toMatchObject({ status: 'succeeded', metadata: { attempts: 1, possibly_duplicated: false } });
    const [first, second] = world.upstream.submissions({ prompt });
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(290);
    await world.worker.logged('channel refused; circuit opens');
  },
);
