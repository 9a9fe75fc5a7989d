import { test as base } from 'vitest';
import { createWorld, type World, type WorldOptions } from './createWorld.ts';

export { adminPassword, createWorld, type World, type WorldOptions } from './createWorld.ts';

/**
 * A `test` whose fixture is a world of its file's own, shared by the file's tests: a world takes seconds to start.
 * @param options  how this file's world differs
 */
export function testIn(options: WorldOptions = {}) {
  return base.extend<{ $file: { world: World } }>({
    world: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures a fixture needs from its first parameter
      async ({}, use) => {
        const world = await createWorld(options);
        await use(world);
        await world.close();
      },
      { scope: 'file' },
    ],
  });
}

/** The world of tests that only use it; a test that kills something makes its own with `createWorld`. */
export const test = testIn();
