import { describe, expect, test } from 'vitest';
import { type Environment, readVariables } from '../config/index.ts';
import { readCatalogue, readUpstreamKeys } from './readCatalogue.ts';

const needed = { REDIS_URL: 'redis://127.0.0.1', SIGNING_KEYS: 'a:secret' };
const channel = { id: 'main', base_url: 'https://up.example', api_key_env: 'MAIN_KEY', models: [{ id: 'NanoBanana' }] };

/** The catalogue and keys of an environment whose `CHANNELS_FILE` holds this, and what is wrong with them. */
function read(file?: unknown, env: Environment = {}) {
  const given = { ...needed, ...(file === undefined ? {} : { CHANNELS_FILE: 'channels.json' }), ...env };
  const { variables, faults, readJson } = readVariables(given, () => JSON.stringify(file));
  const catalogue = readCatalogue(variables, readJson, faults);
  const keys = readUpstreamKeys(catalogue, given, faults);
  let told: string[] = [];
  try {
    faults.throwIfAny();
  } catch (error) {
    told = (error as Error).message.split('\n  - ').slice(1);
  }
  return { catalogue, keys, faults: told };
}

const fileOf = (changes: object = {}, model: object = {}) => ({
  channels: [{ ...channel, models: [{ ...channel.models[0], ...model }], ...changes }],
});

test('without a file there is one channel with the whole family, as the variables say', () => {
  const { catalogue, keys, faults } = read(undefined, {
    UPSTREAM_BASE_URL: 'https://up.example/',
    UPSTREAM_API_KEY: 'R4nd0mKey!',
    UPSTREAM_PRICE_PER_IMAGE: '0.0390',
    UPSTREAM_MAX_IN_FLIGHT: '7',
    UPSTREAM_INPUTS: 'multipart',
    AMBIGUOUS_SUBMIT: 'fail',
  });
  expect(faults).toEqual([]);
  const { models, ...one } = catalogue.channels[0]!;
  expect(one).toMatchObject({ id: 'default', base_url: 'https://up.example', max_in_flight: 7, inputs: 'multipart' });
  expect(one).toMatchObject({ ambiguous_submit: 'fail', submits_per_minute: 600, weight: 1 });
  expect(models).toHaveLength(9);
  for (const model of models) expect(model).toMatchObject({ price: '0.0390', max_n: 4, enabled: true });
  expect(keys).toEqual(new Map([['default', 'R4nd0mKey!']]));
});

test('what a file leaves out has the documented default', () => {
  const { catalogue, faults } = read(fileOf(), { MAIN_KEY: 'R4nd0mKey!' });
  expect(faults).toEqual([]);
  expect(catalogue).toEqual({
    currency: 'USD',
    channels: [
      {
        ...channel,
        kind: 'nano-tasks',
        weight: 1,
        max_in_flight: 200,
        submits_per_minute: 600,
        ambiguous_submit: 'retry',
        inputs: 'url',
        cancel: false,
        models: [
          {
            ...{ id: 'NanoBanana', price: '0', max_n: 4, images_per_submission: 4 },
            ...{ when_short: 'accept', enabled: true },
          },
        ],
      },
    ],
  });
});

test('a file says all there is to say', () => {
  const model = { price: '0.0390', max_n: 8, images_per_submission: 1, when_short: 'top_up', enabled: false };
  const said = { weight: 2.5, max_in_flight: 9, submits_per_minute: 0, ambiguous_submit: 'fail', inputs: 'data_uri' };
  const { catalogue } = read({ currency: 'EUR', ...fileOf(said, model) }, { MAIN_KEY: 'R4nd0mKey!' });
  expect(catalogue).toMatchObject({ currency: 'EUR', channels: [{ ...said, models: [model] }] });
});

test('a model makes as many at once as it may be asked for, unless the file says less', () => {
  const { catalogue } = read(fileOf({}, { max_n: 10 }), { MAIN_KEY: 'R4nd0mKey!' });
  expect(catalogue.channels[0]!.models[0]!.images_per_submission).toBe(10);
});

describe('refused, with the place in the file:', () => {
  test.each<[unknown, RegExp]>([
    [[], /^CHANNELS_FILE: the file: /],
    [{}, /^CHANNELS_FILE: channels: /],
    [{ channels: [] }, /^CHANNELS_FILE: channels: /],
    [fileOf({ id: 'Main' }), /channels\.0\.id: must be 1-64 characters/],
    [fileOf({ id: 'a:b' }), /channels\.0\.id: must be/],
    [fileOf({ kind: 'other' }), /channels\.0\.kind: /],
    [fileOf({ base_url: 'ftp://x' }), /channels\.0\.base_url: /],
    [fileOf({ api_key_env: 'A KEY' }), /channels\.0\.api_key_env: must be the name of a variable/],
    [fileOf({ api_key: 'sk-secret' }), /channels\.0: Unrecognized key: "api_key"/],
    [fileOf({ weight: 0 }), /channels\.0\.weight: /],
    [fileOf({ max_in_flight: 1.5 }), /channels\.0\.max_in_flight: /],
    [fileOf({ submits_per_minute: -1 }), /channels\.0\.submits_per_minute: /],
    [fileOf({ models: [] }), /channels\.0\.models: /],
    [fileOf({}, { price: 0.039 }), /channels\.0\.models\.0\.price: /],
    [fileOf({}, { price: '1e-3' }), /channels\.0\.models\.0\.price: must be a decimal string/],
    [fileOf({}, { max_n: 0 }), /channels\.0\.models\.0\.max_n: /],
    [fileOf({}, { when_short: 'retry' }), /channels\.0\.models\.0\.when_short: /],
    [{ currency: 'dollars', ...fileOf() }, /^CHANNELS_FILE: currency: /],
    [{ channels: [channel, channel] }, /^CHANNELS_FILE: the channel main is given twice/],
  ])('%j', (file, fault) => {
    expect(read(file, { MAIN_KEY: 'R4nd0mKey!' }).faults).toEqual([expect.stringMatching(fault)]);
  });
});

test('all faults of a file are told at once, and no value', () => {
  const { faults } = read(fileOf({ base_url: 'hunter2', weight: 'hunter2', inputs: 'hunter2' }));
  expect(faults).toHaveLength(3);
  expect(faults.join()).not.toContain('hunter2');
});

test.each<[string | undefined, RegExp]>([
  [undefined, /^MAIN_KEY: is not set \(set it to: the upstream key of channel main\)$/],
  ['', /^MAIN_KEY: is empty/],
  ['short', /^MAIN_KEY: is shorter than 8 characters/],
  ['sk-your-key', /^MAIN_KEY: is a placeholder/],
])('an upstream key that is %j is refused under its variable’s name', (MAIN_KEY, fault) => {
  const { faults, keys } = read(fileOf(), { MAIN_KEY });
  expect(faults).toEqual([expect.stringMatching(fault)]);
  expect(keys.size).toBe(0);
});

test('without a file the base URL is needed', () => {
  expect(read(undefined, { UPSTREAM_API_KEY: 'R4nd0mKey!' }).faults).toEqual([
    expect.stringMatching(
      /^UPSTREAM_BASE_URL: is not set \(set it to: the base URL of the upstream, or set CHANNELS_FILE\)/,
    ),
  ]);
});
