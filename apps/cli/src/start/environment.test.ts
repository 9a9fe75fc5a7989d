import { expect, test } from 'vitest';
import {
  childEnvironment,
  type EmbeddedParts,
  namesUpstream,
  simulatorEnvironment,
  workerEnvironment,
} from './environment.ts';

const parts: EmbeddedParts = {
  secrets: {
    api_key: 'sk-made',
    admin_password: 'made-password',
    signing_keys: 'k1:made',
    upstream_key: 'sk-upstream',
  },
  port: 8081,
  redisUrl: 'redis://127.0.0.1:7000',
  stateDir: '/state',
  simulatorUrl: 'http://127.0.0.1:9000',
};

test('what is not given gets the embedded start’s value', () => {
  expect(childEnvironment({ HOME: '/root' }, parts)).toEqual({
    HOME: '/root',
    PORT: '8081',
    REDIS_URL: 'redis://127.0.0.1:7000',
    API_KEYS: 'demo:sk-made',
    ADMIN_PASSWORD: 'made-password',
    DRAIN_SECONDS: '0',
    SIGNING_KEYS: 'k1:made',
    PUBLIC_BASE_URL: 'http://127.0.0.1:8081',
    STORAGE_DIR: '/state/storage',
    UPSTREAM_BASE_URL: 'http://127.0.0.1:9000',
    UPSTREAM_API_KEY: 'sk-upstream',
    UPSTREAM_RESULT_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
    UPSTREAM_RESULT_ALLOW_HTTP: 'true',
    REFERENCE_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
    REFERENCE_ALLOW_HTTP: 'true',
    WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8,::1/128',
    WEBHOOK_ALLOW_HTTP: 'true',
  });
});

test('what is given holds, even where it is empty', () => {
  const given = {
    ADMIN_PASSWORD: '',
    API_KEYS: 'me:sk-mine',
    SIGNING_KEYS: 'a:b',
    PUBLIC_BASE_URL: 'https://pictures.test',
    WEBHOOK_ALLOWED_CIDRS: '',
    WEBHOOK_ALLOW_HTTP: 'false',
    QUEUE_PREFIX: 'mine',
  };
  expect(childEnvironment(given, parts)).toMatchObject(given);
});

test('what is empty and says nothing counts as not given', () => {
  const empty = { PUBLIC_BASE_URL: '', STORAGE_DIR: '', WEBHOOK_ALLOW_HTTP: '', LOG_LEVEL: '' };
  expect(childEnvironment(empty, parts)).toEqual(childEnvironment({}, parts));
});

test('a file of keys stands instead of a key of ours', () => {
  expect(childEnvironment({ KEYS_FILE: 'keys.json' }, parts)).not.toHaveProperty('API_KEYS');
});

test('an upstream of the environment is left as it is named', () => {
  const env = { UPSTREAM_BASE_URL: 'https://up.test', UPSTREAM_API_KEY: 'sk-real' };
  expect(namesUpstream(env)).toBe(true);
  expect(childEnvironment(env, { ...parts, simulatorUrl: undefined })).toMatchObject(env);
  expect(namesUpstream({ CHANNELS_FILE: 'channels.json' })).toBe(true);
  expect(namesUpstream({ UPSTREAM_BASE_URL: '', UPSTREAM_API_KEY: '' })).toBe(false);
});

test('an upstream named by half is an error that says so', () => {
  expect(() => namesUpstream({ UPSTREAM_BASE_URL: 'https://up.test' })).toThrow('UPSTREAM_API_KEY is not');
});

test('the simulator takes the key that the worker has, and the flags that are given', () => {
  const env = simulatorEnvironment({ SIMULATOR_SEED: '7', UPSTREAM_API_KEY: 'sk-given' }, 9000, 'sk-upstream');
  expect(env).toMatchObject({ SIMULATOR_SEED: '7', SIMULATOR_KEYS: 'sk-given', SIMULATOR_PORT: '9000' });
});

test('API and worker never serve metrics on one port', () => {
  expect(workerEnvironment({ METRICS_PORT: '9400' })).toEqual({ METRICS_PORT: '9401' });
  expect(workerEnvironment({ METRICS_PORT: '0' })).toEqual({ METRICS_PORT: '0' });
  expect(workerEnvironment({})).toEqual({});
});
