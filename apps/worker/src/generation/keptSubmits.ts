import type { Keep, KeyNames } from '@darkroom/shared/redis';
import { type PartStore, partStore, type TransitionName } from '@darkroom/shared/tasks';

/** After these changes a POST leaves: what they say must not be forgotten, or it could be posted again unmarked. */
const beforePost: readonly TransitionName[] = ['submit', 'resubmit'];

/**
 * Parts whose changes before a POST count as made only when they are kept as the configuration promises.
 * @param keep  runs them, on a connection of their own where they wait for the disk
 */
export function keptSubmits(parts: PartStore, keep: Keep, keys: KeyNames): PartStore {
  return {
    ...parts,
    change: (held, name, change) =>
      beforePost.includes(name)
        ? keep((redis) => partStore({ redis, keys }).change(held, name, change))
        : parts.change(held, name, change),
  };
}
