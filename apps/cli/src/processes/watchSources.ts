import { existsSync, readdirSync, watch } from 'node:fs';
import { join, sep } from 'node:path';
import type { Clock } from './clock.ts';

/** An editor's save is several events, a `git checkout` hundreds; a person does not notice this wait. */
export const settle_ms = 150;

/**
 * Collects names that arrive in bursts and hands them on together, once nothing came for `settle_ms`.
 */
export function whenSettled(clock: Clock, act: (names: ReadonlySet<string>) => void): (name: string) => void {
  let names = new Set<string>();
  let takeBack = () => {};
  return (name) => {
    names.add(name);
    takeBack();
    takeBack = clock.after(settle_ms, () => {
      const settled = names;
      names = new Set();
      act(settled);
    });
  };
}

/** Which child a changed file belongs to: the app's name, 'every' for a package, undefined for what no child runs. */
export function ownerOf(file: string): string | undefined {
  const [top, name, folder] = file.split(sep);
  if (folder !== 'src' || file.endsWith('.test.ts')) return undefined;
  return top === 'packages' ? 'every' : name;
}

/** Calls `changed` with the owners of the source files under `root` that were saved. @returns what ends the watch */
export function watchSources(root: string, clock: Clock, changed: (owners: ReadonlySet<string>) => void): () => void {
  const note = whenSettled(clock, changed);
  const watchers = sourceFolders(root).map((folder) =>
    watch(join(root, folder), { recursive: true }, (_event, name) => {
      const owner = name === null ? undefined : ownerOf(join(folder, name));
      if (owner) note(owner);
    }),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

function sourceFolders(root: string): string[] {
  const folders = ['apps', 'packages'].flatMap((top) =>
    readdirSync(join(root, top)).map((name) => join(top, name, 'src')),
  );
  return folders.filter((folder) => existsSync(join(root, folder)));
}
