import { randomUUID } from 'node:crypto';
import { script } from '@darkroom/shared/redis';
import { expect, test } from 'vitest';
import { redisOfFile } from '../../../../tests/world/redisOfFile.ts';

const redisOf = redisOfFile();

const run = script(new URL('./lua/pulse.lua', import.meta.url), {
  keys: ['pulse'],
  args: ['gap', 'grace'],
  returns: ['check', 'wait'],
});

/** A queue's pulse, and a way through time that takes none: what it remembers is moved into the past. */
function pulseOfTest() {
  const pulse = redisOf.keys.pulse(randomUUID());
  return {
    beat: async () => (await run(redisOf.redis, { pulse }, { gap: 7000, grace: 8000 })).word,
    async travel(ms: number) {
      for (const [name, value] of Object.entries(await redisOf.redis.hgetall(pulse))) {
        await redisOf.redis.hset(pulse, name, Number(value) - ms);
      }
    },
  };
}

test('the first check waits: locks may be held by workers that could not renew them', async () => {
  const { beat, travel } = pulseOfTest();
  expect(await beat()).toBe('wait');
  await travel(3000);
  expect(await beat()).toBe('wait');
  await travel(4900);
  expect(await beat()).toBe('wait');
  await travel(200);
  expect(await beat()).toBe('check');
});

test('a steady pulse checks at every beat', async () => {
  const { beat, travel } = pulseOfTest();
  await beat();
  await travel(6000);
  await beat();
  for (let i = 0; i < 10; i++) {
    await travel(i === 0 ? 2500 : 3000);
    expect(await beat()).toBe('check');
  }
});

test('after a gap the holders get time to renew, then checks go on', async () => {
  const { beat, travel } = pulseOfTest();
  await beat();
  for (let i = 0; i < 4; i++) {
    await travel(3000);
    await beat();
  }
  await travel(20_000);
  const words = [];
  for (let i = 0; i < 5; i++) {
    words.push(await beat());
    await travel(3000);
  }
  expect(words).toEqual(['wait', 'wait', 'wait', 'check', 'check']);
});
