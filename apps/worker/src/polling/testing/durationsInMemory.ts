import { bucketCount } from '../buckets.ts';
import type { DurationStore, Learned } from '../durationStore.ts';
import { memoryTasks } from '../durations.ts';

/** What the store in Redis does, in memory: for simulations in virtual time. A test holds both equal. */
export function durationsInMemory(): DurationStore {
  const kinds = new Map<string, Learned & { drift: number }>();
  const nameOf = (kind: object) => JSON.stringify(kind);
  const learnedOf = (kind: object) =>
    kinds.get(nameOf(kind)) ?? {
      count: 0,
      drift: 0,
      durations: new Float64Array(bucketCount),
      progress: new Float64Array(bucketCount),
    };
  return {
    read: async (kind) => structuredClone(learnedOf(kind)),
    async note(kind, finished, known) {
      const learned = learnedOf(kind);
      kinds.set(nameOf(kind), learned);
      learned.count++;
      learned.drift = 0.9 * learned.drift + 0.1 * finished.lean;
      const steps = Math.abs(learned.drift) > 0.5 ? 9 : 1;
      for (const name of ['durations', 'progress'] as const) {
        for (let i = 0; i < bucketCount; i++) learned[name][i]! *= (1 - 1 / memoryTasks) ** steps;
        for (const { bucket, mass } of finished[name]) learned[name][bucket]! += mass;
      }
      const due = Math.max(1, Math.min(16, Math.floor(learned.count / 8)));
      return learned.count > known && learned.count - known < due ? undefined : structuredClone(learned);
    },
  };
}
