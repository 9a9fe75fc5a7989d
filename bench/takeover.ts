import { createWorld } from '../tests/world/createWorld.ts';

/**
 * How long the tasks of a worker that is killed are without one: `node bench/takeover.ts [tasks]`.
 * Two workers with the default lock and stalled check; the first holds all tasks when it dies.
 */
const tasks = Number(process.argv[2] ?? 5000);
const say = (line: string) => process.stdout.write(`${line}\n`);

const world = await createWorld({
  env: {
    LOCK_SECONDS: '10',
    STALLED_CHECK_SECONDS: '3',
    WORKER_CONCURRENCY: '10000',
    UPSTREAM_MAX_IN_FLIGHT: '10000',
    POLL_MIN_SECONDS: '5',
    POLL_MAX_SECONDS: '15',
    LOG_LEVEL: 'info',
  },
  simulator: { behaviour: { duration: 'fixed:600000' } },
});
const { redis, keys } = world.records;
const active = `${keys.queuePrefix('default')}:generation.default:active`;
const submitting = performance.now();
for (let i = 0; i < tasks; i += 100) {
  await Promise.all(
    Array.from({ length: 100 }, (_, k) => world.client.submit({ model: 'NanoBanana', prompt: `${i + k}` })),
  );
}
await world.upstream.until(() => world.upstream.tasks().length === tasks);
say(`${tasks} tasks in flight after ${Math.round(performance.now() - submitting)} ms`);
const second = await world.startWorker();
const killed = performance.now();
world.worker.kill('SIGKILL');
let first: number | undefined;
for (;;) {
  const taken = second.logs().filter((line) => line.msg === 'job of a dead worker taken over').length;
  if (taken > 0) first ??= performance.now() - killed;
  // Taken over is a job that the second worker has claimed again.
  if (taken >= tasks && (await redis.llen(active)) === tasks) break;
  if (performance.now() - killed > 120_000) throw new Error(`only ${taken} after two minutes`);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
say(`taken over: first after ${Math.round(first!)} ms, all after ${Math.round(performance.now() - killed)} ms`);
say(`submissions ${world.upstream.submissions().length} for ${tasks} tasks`);
await world.close();
process.exit(0);
