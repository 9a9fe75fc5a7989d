import { expect, test } from 'vitest';
import { ConfigError, readSimulatorConfig } from './config.ts';

test('an empty environment is enough', () => {
  expect(readSimulatorConfig({})).toEqual({
    port: 0,
    host: '127.0.0.1',
    keys: ['sk-simulator'],
    seed: undefined,
    behaviour: { duration: 'lognormal:3000:0.3' },
    picture: 'full',
  });
});

test('everything can be told', () => {
  const env = {
    SIMULATOR_PORT: '8080',
    SIMULATOR_KEYS: 'a, b',
    SIMULATOR_SEED: '7',
    SIMULATOR_BEHAVIOUR: 'submit=429 retry_after=2',
    SIMULATOR_PICTURE: 'tiny',
    SIMULATOR_DURATION: '250',
  };
  expect(readSimulatorConfig(env)).toMatchObject({
    port: 8080,
    keys: ['a', 'b'],
    seed: 7,
    behaviour: { duration: 250, submit: '429', retry_after: 2 },
    picture: 'tiny',
  });
});

test('everything that is wrong is named at once', () => {
  const env = { SIMULATOR_PORT: 'x', SIMULATOR_BEHAVIOUR: 'spped=1', SIMULATOR_DURATION: 'soon', SIMULATOR_KEYS: ',' };
  expect(() => readSimulatorConfig(env)).toThrow(ConfigError);
  for (const name of Object.keys(env)) expect(() => readSimulatorConfig(env)).toThrow(name);
});
