import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { type Mutant, mutated } from './mutants.ts';

/** Loaded before a process of the product, it makes a mutant of it: the one switch of all of them. */
const mutant = process.env.CHAOS_MUTANT as Mutant;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.startsWith('file:') || !url.endsWith('.ts') || loaded.source == null) return loaded;
    return { ...loaded, source: mutated(mutant, url, String(loaded.source)) };
  },
});

const read = fs.readFileSync;
fs.readFileSync = ((path: Parameters<typeof read>[0], options: Parameters<typeof read>[1]) => {
  const content = read(path, options);
  return typeof content === 'string' && String(path).endsWith('.lua')
    ? mutated(mutant, String(path), content)
    : content;
}) as typeof read;
syncBuiltinESMExports();
