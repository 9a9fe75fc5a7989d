import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const exclude = (path: string) => path.includes('node_modules');
const list = (...patterns: string[]) => globSync(patterns, { cwd: root, exclude }).sort();
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const everything = list('{apps,packages,tests,scripts,bench,examples}/**/*.{ts,lua}', '*.ts');
const sources = everything.filter((file) => /^(apps|packages)\/[^/]+\/src\//.test(file));
/** What runs in production: neither tests nor what only tests use. */
const production = sources.filter((file) => !/\.test\.ts$|\/testing\//.test(file));
const code = production.filter((file) => file.endsWith('.ts'));

type Place = { file: string; line: string; number: number };

function places(files: readonly string[], wanted: (line: string, file: string) => boolean): string[] {
  const lines = files.flatMap((file) =>
    read(file)
      .split('\n')
      .map((line, i): Place => ({ file, line, number: i + 1 })),
  );
  return lines
    .filter(({ line, file }) => wanted(line, file))
    .map(({ file, line, number }) => `${file}:${number} ${line.trim()}`);
}

/** What a file imports, as it is written. */
const importsOf = (file: string) =>
  [...read(file).matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)].map((match) => match[1]!);

/** Every import in these files that breaks a rule, as `file imports what`. */
const imports = (files: readonly string[], broken: (what: string, file: string) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((what) => broken(what, file))
      .map((what) => `${file} imports ${what}`),
  );

test('the environment is read in main.ts alone', () => {
  const found = places(code, (line, file) => /\bprocess\.env\b/.test(line) && !file.endsWith('/main.ts'));
  expect(found, 'read it in main.ts, parse it there, and hand it on as a plain object').toEqual([]);
});

test('no file or folder is named after nothing', () => {
  const banned = /^(.*[a-z])?(utils?|helpers?|common|misc|managers?|service)$/i;
  const stems = (file: string) => file.split('/').map((step) => step.replace(/(\.test)?\.\w+$/, ''));
  const found = everything.filter((file) => stems(file).some((step) => banned.test(step)));
  expect(found, 'name it for the one idea in it; put it into the folder of its concept').toEqual([]);
});

test('nothing is left lying about', () => {
  // Put together here, so that this file does not find itself.
  const left = new RegExp(['\\bTO' + 'DO\\b', '\\bFIX' + 'ME\\b', 'console\\.lo' + 'g', '\\.on' + 'ly\\('].join('|'));
  const found = places(everything, (line) => left.test(line));
  expect(found, 'do it or write it down elsewhere; log through the logger; run one test by `-t`').toEqual([]);
});

type Contract = { keys: string[]; args: string[]; returns: string[] };

const wrappers = new Map(
  code.flatMap((file) =>
    [...read(file).matchAll(/script\(new URL\('(\.\/lua\/\w+\.lua)', import\.meta\.url\), \{([^}]*)\}\)/g)].map(
      ([, lua, contract]): [string, Contract] => {
        const names = (field: string) =>
          [...(new RegExp(`${field}: \\[([^\\]]*)\\]`).exec(contract!)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
            (m) => m[1]!,
          );
        const path = normalize(join(dirname(file), lua!));
        return [path, { keys: names('keys'), args: names('args'), returns: names('returns') }];
      },
    ),
  ),
);

function headerOf(lua: string): Contract {
  const names = (word: string) => {
    const line = new RegExp(`^-- ${word} (.*)$`, 'm').exec(lua)?.[1];
    return line ? line.split(' | ').map((part) => part.split(':')[0]!.trim()) : [];
  };
  return { keys: names('KEYS'), args: names('ARGV'), returns: names('RETURNS') };
}

const scripts = production.filter((file) => /\/lua\/\w+\.lua$/.test(file));

test.each(scripts)('the header of %s is the contract of its wrapper, and all of it is used', (file) => {
  const lua = read(file);
  expect(wrappers.get(file), `write a wrapper: script(new URL('./lua/…', import.meta.url), {…})`).toBeDefined();
  expect(headerOf(lua), 'make KEYS, ARGV and RETURNS of the header equal to the wrapper').toEqual(wrappers.get(file));
  const { keys, args } = headerOf(lua);
  const declared = [...keys.map((_, i) => `KEYS[${i + 1}]`), ...args.map((_, i) => `ARGV[${i + 1}]`)];
  const used = [...new Set(lua.match(/\b(KEYS|ARGV)\[\d+\]/g))];
  expect(used.sort(), 'declare what is used, drop what is not').toEqual(declared.sort());
  expect(lua, 'say by `#!lua` or `#!lua flags=allow-oom` whether it may run on a full Redis').toMatch(/^#!lua( |\n)/);
});

test('there is a script for every wrapper, and a file for every include', () => {
  expect([...wrappers.keys()].sort()).toEqual([...scripts].sort());
  const missing = scripts.flatMap((file) =>
    [...read(file).matchAll(/^-- @include (\w+)$/gm)]
      .map((match) => join(dirname(file), 'includes', `${match[1]}.lua`))
      .filter((include) => !existsSync(join(root, include))),
  );
  expect(missing).toEqual([]);
});

test('production code imports nothing of the tests', () => {
  const found = imports(code, (what) => /^(vitest|fast-check|testcontainers)(\/|$)|\.test\.ts$|\/testing\//.test(what));
  expect(found, 'hand in what the test needs to replace').toEqual([]);
});

test('packages meet only at their doors', () => {
  const concepts = list('packages/shared/src/*/index.ts').map((file) => `@darkroom/shared/${file.split('/')[3]}`);
  const leaves = (file: string, what: string) =>
    what.startsWith('.') && relative(file.split('/').slice(0, 2).join('/'), join(dirname(file), what)).startsWith('..');
  const found = imports(code, (what, file) => {
    if (leaves(file, what)) return true;
    if (!what.startsWith('@darkroom/')) return false;
    if (file.startsWith('packages/shared/') || file.startsWith('apps/simulator/')) return true;
    return !concepts.includes(what);
  });
  const hint =
    'apps import shared by concept (@darkroom/shared/tasks); shared and the simulator import no app and not each other';
  expect(found, hint).toEqual([]);
  expect(JSON.parse(read('packages/shared/package.json')).exports).toEqual({ './*': './src/*/index.ts' });
});

/** The concepts of packages/shared from the bottom up: each imports only from below. */
const layers = [
  ['config', 'errors', 'telemetry'],
  ['egress', 'keys', 'redis'],
  ['channels', 'images', 'tasks'],
  ['queues', 'upstream', 'batches', 'events'],
  ['webhooks'],
  ['dialects'],
  ['admission'],
];

test('imports within shared point downwards, through index.ts', () => {
  const layerOf = (concept: string) => layers.findIndex((layer) => layer.includes(concept));
  const shared = code.filter((file) => file.startsWith('packages/shared/src/'));
  const unknown = [...new Set(shared.map((file) => file.split('/')[3]!))].filter((concept) => layerOf(concept) < 0);
  expect(unknown, 'give a new concept its layer in this test').toEqual([]);
  const found = imports(shared, (what, file) => {
    if (!what.startsWith('.')) return false;
    const [from, to] = [file, normalize(join(dirname(file), what))].map((path) => path.split('/')[3]!);
    if (from === to) return false;
    return !/^(\.\.\/)+\w+\/index\.ts$/.test(what) || layerOf(to!) >= layerOf(from!);
  });
  expect(found, 'move what both need further down, or hand it in').toEqual([]);
});

test('an index.ts only re-exports', () => {
  const indexes = code.filter((file) => file.endsWith('/index.ts'));
  const found = indexes.filter((file) =>
    /^(?!export (type )?\{|export (type )?\*|\s|\}|\/\/|\/?\*|$)/m.test(read(file)),
  );
  expect(found, 'move it into a file with a name').toEqual([]);
});

/** Files and functions that were longer than allowed when the rule came. They may only shrink; nothing is added here. */
const longFiles: Record<string, number> = {};
const longFunctions: Record<string, number> = {};

/** What is longer than allowed, and what is listed as longer than it is. */
function outgrown(lengths: ReadonlyMap<string, number>, max: number, ratchet: Record<string, number>): string[] {
  const grown = [...lengths].filter(([what, length]) => length > Math.max(max, ratchet[what] ?? 0));
  const stale = Object.entries(ratchet).filter(([what, length]) => (lengths.get(what) ?? 0) < length);
  return [
    ...grown.map(([what, length]) => `${what} has ${length} lines`),
    ...stale.map(([what]) => `${what} has shrunk to ${lengths.get(what) ?? 0}: lower its number, or take it off`),
  ];
}

test('no file is longer than 250 lines', () => {
  const lengths = new Map(everything.map((file) => [file, read(file).trimEnd().split('\n').length]));
  expect(outgrown(lengths, 250, longFiles), 'split it by ideas, a file each').toEqual([]);
});

test('no function is longer than 70 lines', () => {
  const lengths = new Map(code.flatMap((file) => functionsOf(file)));
  expect(outgrown(lengths, 70, longFunctions), 'name its steps, a function each').toEqual([]);
});

/** A file's functions with their lengths. The formatter indents a body deeper than its first and last line. */
function functionsOf(file: string): [string, number][] {
  const lines = read(file).split('\n');
  return lines.flatMap((line, start): [string, number][] => {
    const opens = /(\)|=>|\): .+) \{$/.test(line) && !/^\s*(\} )?(if|for|while|switch|else|catch)\b/.test(line);
    if (!opens) return [];
    const indent = /^\s*/.exec(line)![0];
    const end = lines.findIndex(
      (other, i) => i > start && other !== '' && /^\s*/.exec(other)![0].length <= indent.length,
    );
    return end < 0 ? [] : [[`${file}: ${line.trim()}`, end - start + 1]];
  });
}

test('BullMQ is pinned to one exact version everywhere', () => {
  const versions = list('package.json', '{apps,packages}/*/package.json', 'bench/package.json').flatMap((file) => {
    const { dependencies, devDependencies } = JSON.parse(read(file));
    return { ...dependencies, ...devDependencies }.bullmq ?? [];
  });
  expect(versions.length).toBeGreaterThan(0);
  expect(new Set(versions).size, 'our Worker overrides its inner methods: one version for all').toBe(1);
  expect(versions[0], 'no range: an upgrade is a piece of work').toMatch(/^\d+\.\d+\.\d+$/);
});
