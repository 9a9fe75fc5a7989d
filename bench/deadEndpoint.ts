import { createWorld } from '../tests/world/createWorld.ts';
import { startReceiver } from '../tests/world/receiver.ts';

/**
 * What one dead endpoint with thousands of deliveries pending does to twenty that live:
 * `node bench/deadEndpoint.ts [pending] [events]`. All belong to one key, and one worker makes the deliveries.
 */
const pending = Number(process.argv[2] ?? 5000);
const events = Number(process.argv[3] ?? 200);
const live = 20;
const say = (line: string) => process.stdout.write(`${line}\n`);

const world = await createWorld({
  env: {
    WEBHOOK_SCHEDULE_SECONDS: '0,5,60,300,1800,7200,18000,36000,36000',
    UPSTREAM_MAX_IN_FLIGHT: '1000',
    LOG_LEVEL: 'info',
  },
  simulator: { behaviour: { duration: 'fixed:20' } },
});
/** A receiver that takes a connection and says nothing: the worst kind of dead. */
const dead = await startReceiver();
dead.answer = () => undefined;
const register = async (url: string) => {
  await world.client.request('POST', '/v1/webhooks', { json: { url, events: ['task.succeeded'] } });
};
await register(dead.url);
const run = async (count: number, name: string) => {
  for (let i = 0; i < count; i += 100) {
    const orders = Array.from({ length: Math.min(100, count - i) }, async (_, k) => {
      const { task_id } = await world.client.submit({ model: 'NanoBanana', prompt: `${name} ${i + k}` });
      await world.client.finished(task_id);
    });
    await Promise.all(orders);
  }
};
await run(pending, 'pending');
say(`${pending} deliveries to an endpoint that never answers`);
const latencies: number[] = [];
const receivers = await Promise.all(Array.from({ length: live }, () => startReceiver()));
for (const receiver of receivers) {
  const { push } = receiver.received;
  receiver.received.push = (...items) => {
    for (const { data } of items) {
      const { timings } = data.metadata as { timings: { finished_at: string } };
      latencies.push(Date.now() - Date.parse(timings.finished_at));
    }
    return push.apply(receiver.received, items);
  };
  await register(receiver.url);
}
await run(events, 'live');
while (latencies.length < events * live) await new Promise((resolve) => setTimeout(resolve, 50));
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
say(
  `${live} live endpoints, ${events} events each: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${latencies.at(-1)} ms`,
);
await world.close();
await Promise.all([dead, ...receivers].map((receiver) => receiver.close()));
process.exit(0);
