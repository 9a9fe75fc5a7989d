import { createWorld } from '../tests/world/createWorld.ts';
import { linesOf, openaiOf, startBatch } from '../tests/world/openaiBatches.ts';
import { megabytes } from './usage/processUsage.ts';

/**
 * One batch from upload to output, and another that is canceled while it waits: `node bench/batch.ts [lines]`. The
 * upstream takes 50 ms and runs in this process; one worker, 1,000 in flight.
 */
const lines = Number(process.argv[2] ?? 50_000);
const say = (line: string) => process.stdout.write(`${line}\n`);

const world = await createWorld({
  env: {
    UPSTREAM_MAX_IN_FLIGHT: '1000',
    LOG_LEVEL: 'info',
    POLL_MIN_SECONDS: '0.1',
    POLL_MAX_SECONDS: '2',
  },
  simulator: { behaviour: { duration: 'fixed:50' } },
});
const { redis } = world.records;
const client = openaiOf(world);
const info = async (section: string, name: string) =>
  Number(new RegExp(`${name}:(\\d+)`).exec(await redis.info(section))![1]);
const rss = (pid: number) => Math.round(megabytes(pid));

/** Most that each was seen to hold, MB. */
const most = { worker: 0, api: 0, redis: 0 };
const watch = setInterval(async () => {
  most.worker = Math.max(most.worker, rss(world.worker.pid));
  most.api = Math.max(most.api, rss(world.api.pid));
  most.redis = Math.max(most.redis, Math.round((await info('memory', 'used_memory')) / 2 ** 20));
}, 1000);

const before = { commands: await info('stats', 'total_commands_processed'), worker: rss(world.worker.pid) };
const began = performance.now();
const since = () => ((performance.now() - began) / 1000).toFixed(1);
const { id } = await startBatch(world, linesOf(lines, 'bench'));
say(`${lines} lines uploaded and taken after ${since()} s`);
let last = '';
for (;;) {
  const { status, request_counts, output_file_id } = await client.batches.retrieve(id);
  if (status !== last) say(`${status} after ${since()} s`);
  last = status;
  if (!['validating', 'in_progress', 'finalizing'].includes(status)) {
    const text = await (await client.files.content(output_file_id!)).text();
    say(`counts ${JSON.stringify(request_counts)}; output of ${text.split('\n').length - 1} lines after ${since()} s`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
const commands = ((await info('stats', 'total_commands_processed')) - before.commands) / lines;
say(`${(lines / Number(since())).toFixed(0)} lines/s, ${commands.toFixed(1)} Redis commands per line`);
say(`at most: worker ${most.worker} MB (idle ${before.worker}), API ${most.api} MB, Redis ${most.redis} MB`);
say(`submissions upstream: ${world.upstream.submissions().length}`);
clearInterval(watch);

const gate = world.upstream.gate('poll', { prompt: 'held' });
const held = await startBatch(world, linesOf(lines, 'held'));
await gate.arrived;
await new Promise((resolve) => setTimeout(resolve, 3000));
const canceling = performance.now();
await client.batches.cancel(held.id);
gate.release();
while ((await client.batches.retrieve(held.id)).status !== 'cancelled')
  await new Promise((resolve) => setTimeout(resolve, 50));
say(`a batch of ${lines} canceled in mid-run: ended after ${((performance.now() - canceling) / 1000).toFixed(1)} s`);
await world.close();
process.exit(0);
