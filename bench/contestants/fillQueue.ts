import { addGenerationJobs, generationQueue } from '@darkroom/shared/queues';
import { keyNames } from '@darkroom/shared/redis';
import { createTask, fingerprintOf, type NewTask, newTaskId } from '@darkroom/shared/tasks';
import { Redis } from 'ioredis';
import type { RunningDarkroom } from './darkroom.ts';

/** Tasks written at once. */
const atOnce = 200;

/** A key that no client has: its tasks only wait, before and among those of the clients. */
const keyId = 'k_of_the_crowd';

/** How long they have waited: most of a backlog is not what came in the last minutes. */
const waitedMs = 3_600_000;

/** Makes tasks as the API does, record and job, without its HTTP: a hundred thousand would take it minutes. */
export async function fillQueue({ redis, queuePrefix }: RunningDarkroom, tasks: number): Promise<void> {
  const connection = new Redis(redis.options);
  const keys = keyNames(queuePrefix);
  const queue = generationQueue('default', connection, keys);
  const records = { redis: connection, keys };
  let next = 0;
  const writer = async () => {
    while (next < tasks) {
      const task = newTask(next++);
      await createTask(records, task, Date.now() + 60_000);
      await addGenerationJobs(connection, queue, { ...task, model: task.request.model });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, writer));
  await queue.close();
  connection.disconnect();
}

function newTask(i: number): NewTask {
  const prompt = `one of a crowd, number ${i}`;
  const created_at_ms = Date.now() - waitedMs;
  return {
    id: newTaskId(),
    key_id: keyId,
    channel: 'default',
    fingerprint: fingerprintOf({ prompt }),
    request: {
      model: 'NanoBanana',
      prompt,
      task_type: 'text2image',
      inputs: [],
      aspect_ratio: null,
      output_format: null,
      n: 1,
    },
    labels: {},
    priority: 'interactive',
    unit_price: '0',
    currency: 'USD',
    part_sizes: [1],
    created_at_ms,
    deadline_at_ms: created_at_ms + 24 * 3_600_000,
  };
}
