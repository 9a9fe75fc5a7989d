import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTaskId } from '../tasks/ids.ts';
import { keyNames, shardCount } from './keys.ts';

const keys = keyNames('dr');
const tagOf = (key: string) => /^\{([^{}]+)\}:/.exec(key)?.[1];

test('all keys of one task share a tag, and the shards are evenly used', () => {
  const used = new Map<string, number>();
  for (let i = 0; i < 6400; i++) {
    const id = newTaskId();
    const tags = [keys.task(id), keys.open(id), keys.done(id), keys.ends(id)].map(tagOf);
    expect(new Set(tags).size).toBe(1);
    expect(tags[0]).toMatch(/^dr:s\d\d$/);
    used.set(tags[0]!, (used.get(tags[0]!) ?? 0) + 1);
  }
  expect(used.size).toBe(shardCount);
  for (const count of used.values()) expect(count).toBeGreaterThan(50);
});

test('the ends of every task are heard on the channels of all shards', () => {
  const channels = keys.endsOfAllShards();
  expect(channels).toHaveLength(shardCount);
  for (let i = 0; i < 500; i++) expect(channels).toContain(keys.ends(newTaskId()));
});

test('all keys of one channel share a tag, and so do those of one API key', () => {
  const ofChannel = [keys.queuePrefix('main'), keys.gate('main'), keys.pulse('main'), keys.durations('main', 'M', 1)];
  expect(ofChannel.map((key) => /^\{(.+?)\}/.exec(key)?.[1])).toEqual(Array(4).fill('dr:main'));
  expect(tagOf(keys.tasksOf('k_0'))).toBe('dr:k:k_0');
});

test('no two things share a key, not across installations either', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/);
  fc.assert(
    fc.property(name, name, (a, b) => {
      const all = [keyNames('dr'), keyNames('dr-2')].flatMap((names) => [
        ...new Set([a, b].flatMap((id) => [names.task(id), names.tasksOf(id), names.gate(id), names.pulse(id)])),
      ]);
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

test('the first releases’ keys are found by this one', () => {
  expect(keys.task(`task_${'0'.repeat(26)}`)).toBe('{dr:s36}:task:task_00000000000000000000000000');
});
