import { request } from 'node:http';
import { createWorld, keys } from '../tests/world/createWorld.ts';
import { cpuSeconds, megabytes } from './usage/processUsage.ts';

/**
 * Thousands of event streams in one API process: `node bench/streams.ts [streams] [tasks]`. Each reads all events of one
 * key; a delay runs from the event's own time in Redis to its arrival.
 */
const streams = Number(process.argv[2] ?? 3000);
const tasks = Number(process.argv[3] ?? 20);
const say = (line: string) => process.stdout.write(`${line}\n`);

const world = await createWorld({ env: { LOG_LEVEL: 'info' }, simulator: { behaviour: { duration: 'fixed:500' } } });
const rss = () => Math.round(megabytes(world.api.pid));
const clients = async () => Number(/connected_clients:(\d+)/.exec(await world.records.redis.info('clients'))![1]);
const reads = async () => Number(/hgetall:calls=(\d+)/.exec(await world.records.redis.info('commandstats'))?.[1] ?? 0);

const before = { rss: rss(), clients: await clients() };
const delays: number[] = [];
let ends = 0;

/** Opens a stream and keeps it; every event tells its time in its id. */
function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const url = `${world.api.url}/v1/events`;
    request(url, { headers: { authorization: `Bearer ${keys.alice}` } }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const now = Date.now();
        for (const [, ms] of text.matchAll(/^id: (\d+)-\d+$/gm)) delays.push(now - Number(ms));
        ends += text.split('event: task.succeeded').length - 1;
      });
      resolve();
    })
      .on('error', reject)
      .end();
  });
}

const began = performance.now();
for (let i = 0; i < streams; i += 100) await Promise.all(Array.from({ length: 100 }, open));
say(`${streams} streams open after ${((performance.now() - began) / 1000).toFixed(1)} s`);
say(
  `API memory ${before.rss} MB before, ${rss()} MB with them; Redis connections ${before.clients} and ${await clients()}`,
);
delays.length = 0;
const [readsBefore, cpuBefore] = [await reads(), cpuSeconds([world.api.pid])];
for (let i = 0; i < tasks; i++) await world.client.submit({ model: 'NanoBanana', prompt: `told ${i}` });
while (ends < tasks * streams) await new Promise((resolve) => setTimeout(resolve, 50));
delays.sort((a, b) => a - b);
const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))];
say(`${delays.length} events delivered: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${delays.at(-1)} ms`);
const cpu = cpuSeconds([world.api.pid]) - cpuBefore;
say(`${(await reads()) - readsBefore} records read by all processes, ${cpu.toFixed(1)} s of the API's processor time`);
await world.close();
process.exit(0);
