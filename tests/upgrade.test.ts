import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { type Fixture, model, prefix, type State, seed, states } from './fixtures/states.ts';
import { createWorld, keys } from './world/createWorld.ts';

const folder = new URL('./fixtures/', import.meta.url);
const releases = readdirSync(folder).filter((name) => name.endsWith('.json'));

test.for(releases)(
  'every task in the Redis of release %s is finished by this one, and none that had ended is changed',
  async (name) => {
    const fixture: Fixture = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    const world = await createWorld({
      queuePrefix: prefix,
      simulator: { seed },
      env: { LOCK_SECONDS: '2', STALLED_CHECK_SECONDS: '0.6' },
      before: async ({ redisUrl, upstream }) => {
        await restore(redisUrl, fixture);
        // The upstream's ids follow from its seed and the prompts, so it knows these tasks under the ids of then.
        for (const { prompt, upstream: had } of Object.values(states)) if (had) await order(upstream.url, prompt);
      },
    });
    onTestFinished(() => world.close());
    const began = world.upstream.submissions().length;
    for (const state of Object.keys(states) as State[]) {
      const task = await world.client.finished(fixture.tasks[state]);
      expect({ state, status: task.status }).toEqual({ state, status: states[state].end });
      expect(task.metadata.possibly_duplicated).toBe(state === 'submitting');
      if (state === 'canceled' || state === 'failed' || state === 'succeeded') {
        expect(task.metadata.timings.finished_at! < new Date(Date.now() - 1000).toISOString()).toBe(true);
      }
    }
    // Only what had not been submitted, and what may not have been, is submitted now.
    const submitted = world.upstream.submissions().slice(began);
    expect(submitted.map((s) => s.prompt).sort()).toEqual([states.queued.prompt, states.submitting.prompt].sort());
  },
);

async function restore(redisUrl: string, fixture: Fixture): Promise<void> {
  const redis = new Redis(redisUrl);
  for (const [key, value] of Object.entries(fixture.keys))
    await redis.restore(key, 0, Buffer.from(value, 'base64'), 'REPLACE');
  // A fixture is years old one day, and no task may take so long.
  for (const id of Object.values(fixture.tasks)) {
    const [key] = (await redis.keys(`*:task:${id}`)) as [string];
    await redis.hset(key, 'deadline_at_ms', Date.now() + 3_600_000);
  }
  redis.disconnect();
}

async function order(upstreamUrl: string, prompt: string): Promise<void> {
  await fetch(`${upstreamUrl}/v1/images/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.upstream}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt, n: 1 }),
  });
}
