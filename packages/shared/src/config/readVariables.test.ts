import { describe, expect, test } from 'vitest';
import { ConfigError } from './ConfigError.ts';
import { readVariables } from './readVariables.ts';
import type { Environment } from './variables.ts';

const needed = { REDIS_URL: 'redis://127.0.0.1:6379', SIGNING_KEYS: 'a:secret' };

function faultsOf(env: Environment): string[] {
  const { faults } = readVariables(env);
  try {
    faults.throwIfAny();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split('\n  - ').slice(1);
  }
}

test('two variables are enough', () => {
  expect(faultsOf(needed)).toEqual([]);
  const { variables } = readVariables(needed);
  expect(variables).toMatchObject({ ...needed, PORT: 8080, HOST: '127.0.0.1', QUEUE_PREFIX: 'dr', LOG_LEVEL: 'info' });
});

test('what is missing is told with its remedy', () => {
  expect(faultsOf({})).toEqual([
    expect.stringMatching(/^REDIS_URL: is not set \(set it to: Redis that holds queues and records; /),
    expect.stringMatching(/^SIGNING_KEYS: is not set \(set it to: keys that sign picture URLs, /),
  ]);
});

test('a variable that is set to nothing is not set', () => {
  expect(faultsOf({ REDIS_URL: '', SIGNING_KEYS: '' })).toHaveLength(2);
  const { variables } = readVariables({ ...needed, PORT: '', PUBLIC_BASE_URL: '', CHANNELS_FILE: '' });
  expect(variables).toMatchObject({ PORT: 8080 });
  expect(variables.PUBLIC_BASE_URL).toBeUndefined();
  expect(variables.CHANNELS_FILE).toBeUndefined();
});

test('an empty list or secret says something, and stays', () => {
  const { variables } = readVariables({ ...needed, API_KEYS: '', ADMIN_PASSWORD: '', REFERENCE_ALLOWED_CIDRS: '' });
  expect(variables).toMatchObject({ API_KEYS: '', ADMIN_PASSWORD: '', REFERENCE_ALLOWED_CIDRS: '' });
});

test('a shortest pause above the longest is refused, also where one of them is the default', () => {
  const said = expect.stringMatching(/^POLL_MIN_SECONDS: must not be above POLL_MAX_SECONDS/);
  expect(faultsOf({ ...needed, POLL_MIN_SECONDS: '3', POLL_MAX_SECONDS: '2' })).toEqual([said]);
  expect(faultsOf({ ...needed, POLL_MAX_SECONDS: '0.5', PORT: 'x' })).toEqual([expect.stringMatching(/^PORT: /), said]);
  expect(faultsOf({ ...needed, POLL_MIN_SECONDS: '2', POLL_MAX_SECONDS: '2' })).toEqual([]);
  // What is no number is told as that alone.
  expect(faultsOf({ ...needed, POLL_MIN_SECONDS: '16', POLL_MAX_SECONDS: 'x' })).toEqual([
    expect.stringMatching(/^POLL_MAX_SECONDS: /),
  ]);
});

test('every bad variable is told at once, and none by its value', () => {
  const env = {
    REDIS_URL: 'http://hunter2.example',
    PORT: '70000',
    QUEUE_PREFIX: 'Hunter2!',
    REDIS_CLUSTER: 'hunter2',
    PUBLIC_BASE_URL: 'hunter2',
    WORKER_CONCURRENCY: '10001',
    UPSTREAM_PRICE_PER_IMAGE: '-hunter2',
    LOG_LEVEL: 'hunter2',
    EGRESS_ALLOWED_PORTS: 'hunter2',
    AMBIGUOUS_SUBMIT: 'hunter2',
  };
  const faults = faultsOf(env);
  expect(faults.map((fault) => fault.slice(0, fault.indexOf(':'))).sort()).toEqual(
    [...Object.keys(env), 'SIGNING_KEYS'].sort(),
  );
  expect(faults.join()).not.toMatch(/hunter2|70000|10001/i);
});

test('the good variables are still there to look for more faults', () => {
  const { variables } = readVariables({ ...needed, PORT: 'x', KEYS_FILE: 'keys.json' });
  expect(variables).toMatchObject({ KEYS_FILE: 'keys.json', PORT: 8080 });
});

describe('read as it is meant:', () => {
  test.each<[Environment, object]>([
    [{ REDIS_URL: 'rediss://u:p@h:1/2' }, { REDIS_URL: 'rediss://u:p@h:1/2' }],
    [{ REDIS_URL: 'redis://a:1, redis://b:2' }, { REDIS_URL: 'redis://a:1, redis://b:2' }],
    [{ PORT: '0' }, { PORT: 0 }],
    [{ REDIS_CLUSTER: 'true' }, { REDIS_CLUSTER: true }],
    [{ PUBLIC_BASE_URL: 'https://pictures.example/api//' }, { PUBLIC_BASE_URL: 'https://pictures.example/api' }],
    [{ POLL_MIN_SECONDS: '0.05' }, { POLL_MIN_SECONDS: 0.05 }],
    [{ UPSTREAM_PRICE_PER_IMAGE: '0.03900000' }, { UPSTREAM_PRICE_PER_IMAGE: '0.03900000' }],
  ])('%j', (env, expected) => {
    expect(faultsOf({ ...needed, ...env })).toEqual([]);
    expect(readVariables({ ...needed, ...env }).variables).toMatchObject(expected);
  });
});

describe('refused:', () => {
  test.each<Environment>([
    { REDIS_URL: 'redis://a:1,b:2' },
    { REDIS_URL: '127.0.0.1:6379' },
    { PORT: '80.5' },
    { PORT: '-1' },
    { REDIS_CLUSTER: '1' },
    { REDIS_CLUSTER: 'yes' },
    { PUBLIC_BASE_URL: 'ftp://x' },
    { UPSTREAM_PRICE_PER_IMAGE: '1e-3' },
    { UPSTREAM_PRICE_PER_IMAGE: '.5' },
    { WORKER_CONCURRENCY: '0' },
    { LOCK_SECONDS: 'NaN' },
    { QUEUE_PREFIX: 'a:b' },
    { QUEUE_PREFIX: '{a}' },
  ])('%j', (env) => expect(faultsOf({ ...needed, ...env })).toHaveLength(1));
});

test('a file that a variable names is read, or faulted under that name', () => {
  const open = (path: string) => {
    if (path === 'missing') throw new Error('ENOENT: /secret/path');
    return path === 'good' ? '{"a": 1}' : '{"a": sk-secret}';
  };
  const { readJson, faults } = readVariables(needed, open);
  expect(readJson('CHANNELS_FILE', 'good')).toEqual({ a: 1 });
  expect(readJson('CHANNELS_FILE', 'bad')).toBeUndefined();
  expect(readJson('KEYS_FILE', 'missing')).toBeUndefined();
  expect(() => faults.throwIfAny()).toThrow(
    /CHANNELS_FILE: names a file that is not JSON\n {2}- KEYS_FILE: names no readable file$/,
  );
});
