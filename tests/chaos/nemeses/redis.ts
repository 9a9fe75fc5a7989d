import { setTimeout as pause } from 'node:timers/promises';
import type { House } from '../house/house.ts';
import type { RedisNode } from '../house/redisPair.ts';
import type { Nemesis } from './nemesis.ts';

const nothingLost = 'The API answers 503 and accepts nothing it cannot keep; workers wait and go on; nothing is lost.';

/** What was acknowledged since a second of the wall clock is gone; nobody promises more. */
function lost(house: House, since_ms: number): void {
  const to = house.history.now();
  // A second's rounding, and what was on its way.
  house.history.add({ t: 'loss', from: to - (Date.now() - since_ms) - 1000, to: to + 1000 });
}

/** Starts it again; what a damaged file had to be cut off by is lost. */
async function start(house: House, node: RedisNode): Promise<void> {
  const second = await node.start();
  if (second !== undefined) lost(house, second * 1000);
}

/** Runs out of memory, or of disk, for longer than a lock. */
const longerThanLock = (house: House) => house.lockMs * 1.5;

/** Faults of Redis. */
export const redisNemeses: readonly Nemesis[] = [
  {
    name: 'Redis SIGKILL',
    steps: ['submitting', 'running', 'storing'],
    expected: nothingLost,
    quick: true,
    async strike({ house }) {
      await house.redis.main.kill();
      await start(house, house.redis.main);
    },
  },
  {
    name: 'Redis SIGSTOP',
    steps: ['running'],
    expected: `${nothingLost} No task is run twice.`,
    quick: true,
    async strike({ house }) {
      const server = house.redis.main.server();
      server.kill('SIGSTOP');
      await pause(longerThanLock(house) + 1000);
      server.kill('SIGCONT');
    },
  },
  {
    name: 'Redis out of memory',
    steps: ['running', 'storing'],
    expected: 'Creates are refused; what is in flight ends; creates resume by themselves.',
    quick: true,
    async strike({ house }) {
      const { admin } = house.redis.main;
      await admin.config('SET', 'maxmemory', '1mb');
      await pause(longerThanLock(house));
      await admin.config('SET', 'maxmemory', '0');
    },
  },
  {
    name: 'Redis disk full, everysec',
    steps: ['running'],
    expected: `Redis refuses writes and lives. ${nothingLost}`,
    quick: true,
    async strike({ house }) {
      await house.redis.main.limitDisk(2000);
      await pause(longerThanLock(house));
      await house.redis.main.limitDisk(undefined);
    },
  },
  {
    name: 'Redis disk full, always',
    steps: ['running'],
    expected: `Redis exits, and is started again with room. ${nothingLost}`,
    quick: false,
    async strike({ house }) {
      const { main } = house.redis;
      await main.admin.config('SET', 'appendfsync', 'always');
      await main.limitDisk(2000);
      await Promise.race([main.server().exited, pause(longerThanLock(house))]);
      await main.kill();
      await start(house, main);
    },
  },
  {
    name: 'Redis set back in time',
    steps: ['running'],
    expected:
      'Finished tasks stay finished; what is submitted again has the same key. What was acknowledged since is gone.',
    quick: false,
    async strike({ house, chance }) {
      const { main } = house.redis;
      const second = Math.floor(Date.now() / 1000);
      await pause(2000 + chance.below(Math.min(8000, house.lockMs * 2)));
      await main.kill();
      await main.goBackTo(second);
      await start(house, main);
      lost(house, second * 1000);
    },
  },
  {
    name: 'failover to a lagging replica',
    steps: ['running'],
    expected: 'As a Redis that was set back in time by its lag.',
    quick: false,
    async strike({ house }) {
      const { redis, links } = house;
      await redis.inSync();
      const [was, next] = [redis.main, redis.other];
      const since = Date.now();
      next.server().kill('SIGSTOP');
      await pause(1500);
      await was.kill();
      next.server().kill('SIGCONT');
      await next.admin.replicaof('NO', 'ONE');
      for (const link of [links.workerRedis, links.apiRedis]) {
        link.leadTo(`127.0.0.1:${next.port}`);
        link.cut();
      }
      lost(house, since);
      await was.start();
      [redis.main, redis.other] = [next, was];
      await was.admin.replicaof('127.0.0.1', next.port);
      await redis.inSync();
    },
  },
  {
    name: 'connections killed, scripts forgotten',
    steps: ['submitting', 'running', 'storing'],
    expected: nothingLost,
    quick: true,
    async strike({ house }) {
      const { admin } = house.redis.main;
      for (let i = 0; i < 5; i++) {
        await admin.script('FLUSH');
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await pause(200);
      }
    },
  },
];
