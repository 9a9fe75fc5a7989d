import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalogue, readUpstreamKeys } from '@darkroom/shared/channels';
import { readVariables, Variables } from '@darkroom/shared/config';
import { problems, taskErrors } from '@darkroom/shared/errors';
import { readClientKeys } from '@darkroom/shared/keys';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { stalePages } from '../scripts/writeReference.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = globSync(['*.md', 'docs/**/*.md', '{apps,packages}/*/{*.md,src/**/*.md}'], {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
}).sort();

test('the variables, `.env.example` and the diagram of states are as the code says', () => {
  expect(stalePages(), 'run `node_modules/.bin/node scripts/writeReference.ts`').toEqual([]);
});

/** The rows of a section's table, the cells of each as they are written. */
function rowsOf(page: string, heading: string): string[][] {
  const section = read(page).split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line.split(' | ').map((cell) =>
      cell
        .replace(/^\| | \|$/g, '')
        .replaceAll('`', '')
        .trim(),
    ),
  );
}

describe('docs/errors.md', () => {
  test('has every error of the API with its status, and no other', () => {
    const documented = rowsOf('docs/errors.md', 'Errors of the API').map(([code, status]) => [code, Number(status)]);
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(Object.entries(problems).map(([code, { status }]) => [code, status])),
    );
  });

  test('has every error of a task and whether it is retryable, and no other', () => {
    const rows = rowsOf('docs/errors.md', 'Errors of a task');
    expect(Object.fromEntries(rows.map(([code, , retryable]) => [code, retryable]))).toEqual(
      Object.fromEntries(Object.entries(taskErrors).map(([code, { retryable }]) => [code, retryable ? 'yes' : 'no'])),
    );
  });

  test('says of each what it means and what to do', () => {
    const rows = [...rowsOf('docs/errors.md', 'Errors of the API'), ...rowsOf('docs/errors.md', 'Errors of a task')];
    expect(rows.filter((cells) => cells.length !== 4 || cells.includes(''))).toEqual([]);
  });
});

/** How GitHub turns a heading into an anchor. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test.each(pages)('every link of %s leads somewhere', (page) => {
  const text = read(page).replace(/```[\s\S]*?```/g, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    if (!anchor) return false;
    const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!));
    return !headings.includes(anchor);
  });
  expect(broken).toEqual([]);
});

describe('commands', () => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
  const pnpms = new Set(['add', 'install', 'exec']);
  const named = (page: string) => [...read(page).matchAll(/\bnpx -y pnpm ([a-z][\w:-]*)/g)].map((match) => match[1]!);

  test.each(pages)('every pnpm command of %s is there', (page) => {
    expect(named(page).filter((name) => !scripts.includes(name) && !pnpms.has(name))).toEqual([]);
  });

  test('CONTRIBUTING.md names every script', () => {
    expect(scripts.filter((script) => !named('CONTRIBUTING.md').includes(script))).toEqual([]);
  });

  test('both READMEs have the same commands and the same links', () => {
    const essence = (page: string) => ({
      blocks: read(page).match(/```sh\n[\s\S]*?```/g),
      links: [...read(page).matchAll(/\]\(([^)]+)\)/g)].map((m) => m[1]).filter((link) => !link!.startsWith('README')),
    });
    expect(essence('README.zh-CN.md')).toEqual(essence('README.md'));
  });
});

describe('docs/operations.md', () => {
  /** The JSON example behind a mark, as if a file held it. */
  const example = (mark: string) =>
    read('docs/operations.md')
      .split(`<!-- ${mark} -->`)[1]!
      .match(/```json\n([\s\S]*?)```/)![1]!;
  // Long enough and random enough for every secret.
  const secret = 'sk-0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d';

  test('shows a CHANNELS_FILE and a KEYS_FILE that can be used', () => {
    const env = {
      REDIS_URL: 'redis://127.0.0.1',
      SIGNING_KEYS: `k1:${secret}`,
      CHANNELS_FILE: 'channels-file',
      KEYS_FILE: 'keys-file',
      ...Object.fromEntries(['MAIN_KEY', 'SPARE_KEY', 'WEB_KEY', 'NIGHTLY_KEY'].map((name) => [name, secret + name])),
    };
    const { variables, faults, readJson } = readVariables(env, example);
    const catalogue = readCatalogue(variables, readJson, faults);
    readUpstreamKeys(catalogue, env, faults);
    const keys = readClientKeys(variables, env, readJson, faults);
    expect(() => faults.throwIfAny()).not.toThrow();
    expect(catalogue.channels.map(({ id }) => id)).toEqual(['main', 'spare']);
    expect(keys.map(({ name }) => name)).toEqual(['web', 'nightly']);
  });
});

type Service = Record<string, unknown> & { environment?: Record<string, string>; ports?: string[]; user?: string };

describe('deployment', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
  const services = Object.entries(compose.services);

  test.each(services)('the service %s is hardened', (_name, service) => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      init: true,
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: expect.stringMatching(/^\d+s$/),
    });
    expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('every service that can be asked for its health is', () => {
    const unasked = services.filter(([, service]) => !service.healthcheck).map(([name]) => name);
    expect(unasked, 'the worker serves nothing').toEqual(['worker']);
  });

  test('what compose sets for API and worker are variables of theirs', () => {
    const set = ['api', 'worker'].flatMap((name) => Object.keys(compose.services[name]!.environment!));
    expect(set.filter((name) => !(name in Variables.shape))).toEqual([]);
  });

  test('Redis keeps what it was given', () => {
    const command = (compose.services.redis!.command as string[]).join(' ');
    expect(command).toContain('--appendonly yes --appendfsync everysec --maxmemory-policy noeviction');
  });

  test('the image runs as a numeric user and knows every package of the workspace', () => {
    const dockerfile = read('Dockerfile');
    expect(dockerfile).toMatch(/^USER \d+:\d+$/m);
    const manifests = globSync(['{apps,packages}/*/package.json', 'bench/package.json'], { cwd: root });
    expect(manifests.filter((file) => !dockerfile.includes(`COPY ${file} `))).toEqual([]);
  });
});
