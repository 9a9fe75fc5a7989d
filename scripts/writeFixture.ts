import { writeFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import packageJson from '../package.json' with { type: 'json' };
import { type Fixture, model, prefix, type State, seed, states } from '../tests/fixtures/states.ts';
import { awaited } from '../tests/world/awaited.ts';
import { createWorld } from '../tests/world/createWorld.ts';

/**
 * Writes the fixture of this release: a Redis with a task in every state, which every later release must be able to
 * finish (`tests/upgrade.test.ts`). Run once per release: `node scripts/writeFixture.ts`. Old fixtures are kept.
 */
const world = await createWorld({ queuePrefix: prefix, simulator: { seed } });
const { client, upstream, records } = world;
const tasks = {} as Record<State, string>;
const submit = async (state: State, more: object = {}) => {
  const task = await client.submit({ model, prompt: states[state].prompt, deadline_seconds: 604_800, ...more });
  tasks[state] = task.task_id;
  return task.task_id;
};
const stateOf = (state: State) => records.redis.hget(records.keys.task(tasks[state]), 'p0.state');
const reached = (state: State) => awaited(async () => (await stateOf(state)) === state);

for (const state of ['succeeded', 'failed'] as const) await client.finished(await submit(state));
await submit('canceled');
await upstream.until(() => upstream.submissions({ prompt: 'fixture canceled' }).length === 1);
await client.cancel(tasks.canceled);
await client.finished(await submit('expired', { deadline_seconds: 1 }));
upstream.gate('download', { prompt: 'fixture storing' });
upstream.gate('poll', { prompt: 'fixture running' });
upstream.gate('submit_answer', { prompt: 'fixture submitting' });
for (const state of ['storing', 'running', 'submitting'] as const) {
  await submit(state);
  await reached(state);
}
await records.redis.hset(records.keys.gate('default'), 'paused', '1');
await submit('queued');
await records.redis.hdel(records.keys.gate('default'), 'paused');
world.worker.kill('SIGKILL');
await world.worker.exited;

const dump = new Redis(world.env.REDIS_URL!);
const keys: Record<string, string> = {};
for (const key of (await dump.keys('*')).sort()) {
  const value = await dump.dumpBuffer(key);
  // Locks and pulses are of the moment: their holders are gone.
  if (value && !/:(lock|pulse|stalled-check)$/.test(key)) keys[key] = value.toString('base64');
}
dump.disconnect();
const fixture: Fixture = { release: packageJson.version, tasks, keys };
await writeFile(
  new URL(`../tests/fixtures/${packageJson.version}.json`, import.meta.url),
  `${JSON.stringify(fixture, null, 1)}\n`,
);
await world.close();
process.exit(0);
