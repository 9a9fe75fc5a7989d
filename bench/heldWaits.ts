import { createWorld } from '../tests/world/createWorld.ts';

/**
 * How soon a held request hears of its task's end: `node bench/heldWaits.ts [waiters] [median]`.
 * All of them are held by one API process; the tasks are made by a real worker and take `median` ms, more or less.
 */
const waiters = Number(process.argv[2] ?? 5000);
const medianMs = Number(process.argv[3] ?? 20_000);
const say = (line: string) => process.stdout.write(`${line}\n`);

const world = await createWorld({
  env: {
    WORKER_CONCURRENCY: '10000',
    UPSTREAM_MAX_IN_FLIGHT: '10000',
    POLL_MIN_SECONDS: String(medianMs / 4000),
    POLL_MAX_SECONDS: String(medianMs / 2000),
    LOG_LEVEL: 'info',
  },
  simulator: { behaviour: { duration: `lognormal:${medianMs}:0.3` } },
});
const ids: string[] = [];
for (let i = 0; i < waiters; i += 100) {
  const orders = Array.from({ length: Math.min(100, waiters - i) }, (_, k) =>
    world.client.submit({ model: 'NanoBanana', prompt: `${i + k}` }),
  );
  ids.push(...(await Promise.all(orders)).map(({ task_id }) => task_id));
}
const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await world.records.redis.info('stats'))![1]);
const latencies: number[] = [];
let missed = 0;
const held = ids.map(async (id) => {
  const { body } = await world.client.request('GET', `/v1/images/tasks/${id}?wait=60`);
  const { status, metadata } = body.data;
  if (status === 'succeeded') latencies.push(Date.now() - Date.parse(metadata.timings.finished_at!));
  else missed += 1;
});
const before = await commands();
const began = performance.now();
await Promise.all(held);
const seconds = (performance.now() - began) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
say(`${waiters} held, all answered after ${seconds.toFixed(1)} s; not done in time: ${missed}`);
say(`from end to answer: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${latencies.at(-1)} ms`);
say(`Redis commands of the whole product meanwhile: ${((await commands()) - before) / waiters} a task`);
await world.close();
process.exit(0);
