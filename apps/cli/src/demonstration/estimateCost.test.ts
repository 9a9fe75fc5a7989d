import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogueOf, estimateCost } from './estimateCost.ts';

const needed = { REDIS_URL: 'redis://127.0.0.1:1', SIGNING_KEYS: 'a:b', UPSTREAM_BASE_URL: 'https://up.test' };
const costOf = (env: object) => estimateCost(catalogueOf({ ...needed, ...env }));

test('without a file the one price counts for each image', () => {
  expect(costOf({ UPSTREAM_PRICE_PER_IMAGE: '0.0390' })).toBe('4 images, at most 0.156 USD');
  expect(costOf({})).toContain('price is not known');
});

test('with a file the enabled models count, the edit as the dearest', async () => {
  const CHANNELS_FILE = join(await mkdtemp(join(tmpdir(), 'darkroom-channels-')), 'channels.json');
  const models = [
    { id: 'NanoBanana', price: '0.02' },
    { id: 'NanoBananaPro-1K', price: '0.125' },
    { id: 'NanoBanana2-0.5K', price: '9', enabled: false },
  ];
  const channel = { id: 'main', base_url: 'https://up.test', api_key_env: 'MAIN_KEY', models };
  await writeFile(CHANNELS_FILE, JSON.stringify({ currency: 'EUR', channels: [channel] }));
  expect(costOf({ CHANNELS_FILE })).toBe('3 images, at most 0.27 EUR');
  expect(() => costOf({ CHANNELS_FILE: '/nowhere.json' })).toThrow('CHANNELS_FILE: names no readable file');
});
