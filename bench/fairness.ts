import { drawPriorities } from '@darkroom/shared/queues';
import { connectRedis, keyNames } from '@darkroom/shared/redis';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { startTestRedis } from '../tests/world/redis.ts';

/**
 * What an API key with 50,000 jobs waiting does to another one's ten: `node bench/fairness.ts [waiting]`.
 * One worker, 100 in flight, jobs of 25 to 75 ms; our turns beside BullMQ's first come, first served, on one Redis.
 */
const waiting = Number(process.argv[2] ?? 50_000);
const say = (line: string) => process.stdout.write(`${line}\n`);

const server = await startTestRedis();
const redis = await connectRedis({ url: server.url, cluster: false }, 'wait', () => undefined);
const keys = keyNames('bench');
const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))![1]);

async function run(name: 'fair' | 'fifo') {
  const prefix = keys.queuePrefix(name);
  const queue = new Queue('fair', { connection: redis, prefix });
  const add = async (key_id: string, count: number) => {
    const priorities =
      name === 'fair' ? await drawPriorities(redis, queue, 'batch', { key_id, weight: 1 }, count) : undefined;
    const opts = (i: number) => ({ priority: priorities?.[i], removeOnComplete: true });
    await queue.addBulk(
      Array.from({ length: count }, (_, i) => ({ name: key_id, data: { at: Date.now() }, opts: opts(i) })),
    );
  };
  const before = await commands();
  const adding = performance.now();
  for (let i = 0; i < waiting; i += 500) await add('k_alice', 500);
  say(`${name}: ${waiting} added in ${Math.round(performance.now() - adding)} ms`);
  const waits: number[] = [];
  let done = 0;
  const enough = Promise.withResolvers<void>();
  const worker = new Worker(
    'fair',
    async (job) => {
      if (job.name === 'k_bob') waits.push(Date.now() - job.data.at);
      if (waits.length === 10) enough.resolve();
      await new Promise((resolve) => setTimeout(resolve, 25 + Math.random() * 50));
      done += 1;
    },
    {
      connection: new Redis(server.url, { maxRetriesPerRequest: null }),
      prefix,
      concurrency: 100,
    },
  );
  const began = performance.now();
  while (done < 1000) await new Promise((resolve) => setTimeout(resolve, 20));
  await add('k_bob', 10);
  await enough.promise;
  const seconds = (performance.now() - began) / 1000;
  waits.sort((a, b) => a - b);
  say(`${name}: bob's ten waited p50 ${waits[5]} ms, most ${waits[9]} ms; ${Math.round(done / seconds)} jobs/s`);
  await worker.close(true);
  say(
    `${name}: ${(((await commands()) - before) / (waiting + 10)).toFixed(1)} Redis commands per job added, those served with it`,
  );
  await queue.obliterate({ force: true });
}

await run('fair');
await run('fifo');
redis.disconnect();
await server.stop();
process.exit(0);
