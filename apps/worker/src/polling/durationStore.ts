import { type KeyNames, type RedisClient, script } from '@darkroom/shared/redis';
import { bucketCount } from './buckets.ts';
import { type Grain, memoryTasks, type Sketch } from './durations.ts';
import type { TaskKind } from './pollSchedule.ts';

const run = script(new URL('./lua/noteDuration.lua', import.meta.url), {
  keys: ['durations'],
  args: ['grains', 'memory', 'lean', 'known', 'ttl'],
  returns: ['noted', 'told'],
});

/** A kind of task that nobody has ordered for so long is learned anew. */
const ttl_ms = 30 * 86_400_000;

/** What all workers together know of a kind of task. */
export type Learned = {
  /** tasks that were ever added */
  count: number;
  durations: Sketch;
  /** of tasks that told their progress: 1000 times what they took / what progress had foretold */
  progress: Sketch;
};

/** One finished task, as it goes into both sketches. */
export type Finished = {
  durations: Grain[];
  progress: Grain[];
  /** where it stands among what was expected: from -1, sooner than all, to 1, later than all; 0 where nothing was */
  lean: number;
};

/** Where workers keep what they learn. */
export type DurationStore = {
  /** @throws when Redis does not answer */
  read(kind: TaskKind): Promise<Learned>;
  /**
   * Adds a finished task.
   * @param known  the `count` that the caller has
   * @returns all that is known, once the caller's knowledge is some tasks old
   * @throws when Redis does not answer
   */
  note(kind: TaskKind, finished: Finished, known: number): Promise<Learned | undefined>;
};

/** What is learned, in Redis: one script for each finished task, no command for a poll. */
export function durationStore({ redis, keys }: { redis: RedisClient; keys: KeyNames }): DurationStore {
  const keyOf = ({ channel, model, n }: TaskKind) => keys.durations(channel, model, n);
  return {
    async read(kind) {
      return learnedOf(Object.entries(await redis.hgetall(keyOf(kind))));
    },
    async note(kind, { durations, progress, lean }, known) {
      const grains = [...grainFields('d', durations), ...grainFields('p', progress)].join(' ');
      const { word, rest } = await run(
        redis,
        { durations: keyOf(kind) },
        { grains, memory: memoryTasks, lean, known, ttl: ttl_ms },
      );
      if (word === 'noted') return undefined;
      const flat = rest as string[];
      return learnedOf(flat.flatMap((field, i): [string, string][] => (i % 2 === 0 ? [[field, flat[i + 1]!]] : [])));
    },
  };
}

const grainFields = (letter: string, grains: Grain[]) => grains.map(({ bucket, mass }) => `${letter}${bucket} ${mass}`);

/** Divides what stands in Redis by the weight of the latest task. */
function learnedOf(fields: [string, string][]): Learned {
  const { n = '0', base = '0' } = Object.fromEntries(fields);
  const weight = (memoryTasks / (memoryTasks - 1)) ** (Number(n) - Number(base));
  const learned = {
    count: Number(n),
    durations: new Float64Array(bucketCount),
    progress: new Float64Array(bucketCount),
  };
  for (const [field, mass] of fields) {
    const [, letter, bucket] = /^([dp])(\d+)$/.exec(field) ?? [];
    if (letter === undefined || !(Number(bucket) < bucketCount)) continue;
    learned[letter === 'd' ? 'durations' : 'progress'][Number(bucket)] = Number(mass) / weight;
  }
  return learned;
}
