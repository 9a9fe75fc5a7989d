import { describe, expect, test } from 'vitest';
import { ConfigError, type Environment, Faults, readVariables } from '../config/index.ts';
import { readAdminPassword, readClientKeys } from './readKeys.ts';

const needed = { REDIS_URL: 'redis://127.0.0.1', SIGNING_KEYS: 'a:whatever' };
const [one, two] = ['sk-R4nd0mLetters0fEnough1', 'sk-0therRandomLetters5678'];

/** The clients of an environment, and every fault that was found in it. */
function read(env: Environment, files: Record<string, string> = {}) {
  const open = (path: string) => {
    if (files[path] === undefined) throw new Error('no such file');
    return files[path];
  };
  const { variables, faults, readJson } = readVariables({ ...needed, ...env }, open);
  const keys = readClientKeys(variables, { ...needed, ...env }, readJson, faults);
  try {
    faults.throwIfAny();
    return { keys, faults: '' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { keys, faults: error.message };
  }
}

const file = (...keys: object[]) => ({ 'keys.json': JSON.stringify({ keys }) });

test('clients are read from the variable and the file together', () => {
  const files = file({ name: 'bob', key_env: 'BOB_KEY', weight: 3, requests_per_minute: 60, max_open_tasks: 0 });
  const { keys, faults } = read({ API_KEYS: `alice:${one}`, KEYS_FILE: 'keys.json', BOB_KEY: two }, files);
  expect(faults).toBe('');
  expect(keys).toMatchObject([
    { name: 'alice', weight: 1, requestsPerMinute: 0, maxOpenTasks: 0 },
    { name: 'bob', weight: 3, requestsPerMinute: 60, maxOpenTasks: 0 },
  ]);
});

test('the general limits hold for keys that say nothing', () => {
  const files = file({ name: 'bob', key_env: 'BOB_KEY', max_open_tasks: 0 });
  const limits = { LIMIT_REQUESTS_PER_MINUTE: '60', LIMIT_OPEN_TASKS: '100' };
  const { keys } = read({ API_KEYS: `alice:${one}`, KEYS_FILE: 'keys.json', BOB_KEY: two, ...limits }, files);
  expect(keys).toMatchObject([
    { name: 'alice', requestsPerMinute: 60, maxOpenTasks: 100 },
    { name: 'bob', requestsPerMinute: 60, maxOpenTasks: 0 },
  ]);
});

test('several clients may stand in one variable, with spaces around them', () => {
  expect(read({ API_KEYS: ` alice : ${one} , bob:${two}` }).keys.map(({ name }) => name)).toEqual(['alice', 'bob']);
});

describe('refused:', () => {
  test.each<[string, Environment, RegExp]>([
    ['no clients at all', {}, /API_KEYS: is not set/],
    ['an empty variable', { API_KEYS: '' }, /every entry must be name:sk-…/],
    ['an entry too many', { API_KEYS: `alice:${one},` }, /every entry must be name:sk-…/],
    ['a key without a name', { API_KEYS: `:${one}` }, /a name must be 1-64 characters/],
    ['a name with a space', { API_KEYS: `al ice:${one}` }, /a name must be 1-64 characters/],
    ['a name twice', { API_KEYS: `alice:${one},alice:${two}` }, /the name alice is given twice/],
    ['a key twice', { API_KEYS: `alice:${one},bob:${one}` }, /the key of bob is another one's too/],
    ['a key without sk-', { API_KEYS: 'alice:R4nd0mLetters0fEnough1abc' }, /the key of alice must begin with sk-/],
    ['an empty key', { API_KEYS: 'alice:' }, /the key of alice must begin with sk-/],
    ['a short key', { API_KEYS: 'alice:sk-123456789' }, /the key of alice is shorter than 25 characters/],
    ['a placeholder', { API_KEYS: 'alice:sk-your-secret-goes-here-0000' }, /the key of alice is a placeholder/],
    ['a monotonous key', { API_KEYS: 'alice:sk-aaaaaaaaaaaaaaaaaaaaaaaaa' }, /repeats too few characters/],
  ])('%s', (_what, env, fault) => expect(read(env).faults).toMatch(fault));

  test.each<[string, string, RegExp]>([
    ['a file that is not there', 'other.json', /KEYS_FILE: names no readable file$/],
    ['a file that is not JSON', 'text.json', /KEYS_FILE: names a file that is not JSON$/],
    ['a file of another shape', 'list.json', /KEYS_FILE: the file: /],
    ['an unknown member', 'typo.json', /KEYS_FILE: keys\.0: Unrecognized key/],
    ['a weight of nothing', 'weight.json', /KEYS_FILE: keys\.0\.weight: /],
    ['a variable that is not set', 'unset.json', /KEYS_FILE: keys\.0\.key_env: names a variable that is not set/],
    ['a variable that is empty', 'empty.json', /KEYS_FILE: the key of alice must begin with sk-/],
  ])('%s', (_what, KEYS_FILE, fault) => {
    const json = (key: object) => JSON.stringify({ keys: [{ name: 'alice', key_env: 'ALICE_KEY', ...key }] });
    const files = {
      'text.json': 'keys: []',
      'list.json': '[]',
      'typo.json': json({ wieght: 2 }),
      'weight.json': json({ weight: 0 }),
      'unset.json': json({ key_env: 'NOT_SET' }),
      'empty.json': json({ key_env: 'EMPTY' }),
    };
    expect(read({ KEYS_FILE, ALICE_KEY: one, EMPTY: '' }, files).faults).toMatch(fault);
  });
});

test('every fault is told at once', () => {
  const { faults } = read({ API_KEYS: 'alice:short,bob,carol:sk-short', KEYS_FILE: 'missing.json' });
  expect(faults.split('\n  - ').slice(1)).toHaveLength(4);
});

test.each<[string, Environment]>([
  ['in its place', { API_KEYS: 'alice:sk-Secret' }],
  ['in place of the name', { API_KEYS: 'sk-SecretSecretSecret1234:alice' }],
  ['without its prefix', { API_KEYS: 'alice:SecretSecretSecretSecret12345' }],
  ['alone', { API_KEYS: 'sk-SecretSecretSecret1234' }],
  ['in key_env', { KEYS_FILE: 'keys.json' }],
])('a key that stands %s never reaches the message', (_where, env) => {
  const { faults } = read(env, file({ name: 'alice', key_env: 'sk-SecretSecretSecret1234' }));
  expect(faults).not.toBe('');
  expect(faults).not.toContain('Secret');
});

test('the admin’s password must be worth one, or be left out', () => {
  const faults = new Faults();
  expect(readAdminPassword(undefined, faults)).toBeUndefined();
  expect(readAdminPassword('correct horse battery', faults)).toBe('correct horse battery');
  faults.throwIfAny();
  for (const weak of ['', 'admin', 'changeme-please', 'aaaaaaaaaaaaaa']) {
    const own = new Faults();
    readAdminPassword(weak, own);
    expect(() => own.throwIfAny(), weak).toThrow(/ADMIN_PASSWORD: .*leave it unset to close \/admin/);
  }
});
