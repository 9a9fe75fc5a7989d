import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Channel, chooseOffer, enabledModels, type ModelOffer, partSizes } from './catalogue.ts';

const offerOf = (changes: Partial<ModelOffer> = {}): ModelOffer => ({
  id: 'NanoBanana',
  price: '0.01',
  max_n: 4,
  images_per_submission: 4,
  when_short: 'accept',
  enabled: true,
  ...changes,
});

const channelOf = (id: string, weight: number, ...models: ModelOffer[]): Channel => ({
  id,
  kind: 'nano-tasks',
  base_url: 'https://up.example',
  api_key_env: 'KEY',
  weight,
  max_in_flight: 1,
  submits_per_minute: 0,
  ambiguous_submit: 'retry',
  inputs: 'url',
  models,
});

const modelOf = (...channels: Channel[]) => enabledModels({ currency: 'USD', channels }).get('NanoBanana')!;

test('enabled models are known with all who serve them, in the order of the configuration', () => {
  const channels = [
    channelOf('a', 1, offerOf({ id: 'X' }), offerOf({ max_n: 2 })),
    channelOf('b', 1, offerOf({ id: 'off', enabled: false }), offerOf({ max_n: 8 })),
    channelOf('c', 1, offerOf({ max_n: 99, enabled: false })),
  ];
  const models = enabledModels({ currency: 'USD', channels });
  expect([...models.keys()]).toEqual(['X', 'NanoBanana']);
  expect(models.get('NanoBanana')).toMatchObject({ max_n: 8, output_formats: ['png', 'jpeg', 'webp'] });
  expect(models.get('NanoBanana')!.offers.map(({ channel }) => channel.id)).toEqual(['a', 'b']);
});

test('tasks are shared by weight', () => {
  const model = modelOf(channelOf('a', 1, offerOf()), channelOf('b', 3, offerOf()), channelOf('c', 0.5, offerOf()));
  const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (let i = 0; i < 9000; i++) counts[chooseOffer(model, 1, i / 9000).channel.id]!++;
  expect(counts).toEqual({ a: 2000, b: 6000, c: 1000 });
});

test('only a channel that can make so many is chosen, whatever is drawn', () => {
  const model = modelOf(channelOf('a', 1000, offerOf({ max_n: 1 })), channelOf('b', 0.001, offerOf({ max_n: 6 })));
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
      expect(chooseOffer(model, 6, draw).channel.id).toBe('b');
      expect(chooseOffer(model, 1, draw)).toBeDefined();
    }),
  );
});

test('the same draw is always the same channel', () => {
  const model = modelOf(channelOf('a', 1, offerOf()), channelOf('b', 1, offerOf()));
  expect([0, 0.49, 0.5, 0.99].map((draw) => chooseOffer(model, 1, draw).channel.id)).toEqual(['a', 'a', 'b', 'b']);
});

test('parts hold all the pictures, in as few submissions as the upstream allows', () => {
  expect(partSizes(5, 2)).toEqual([2, 2, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 20 }), (n, most) => {
      const sizes = partSizes(n, most);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(n);
      expect(sizes).toHaveLength(Math.ceil(n / most));
      for (const size of sizes) expect(size >= 1 && size <= most).toBe(true);
    }),
  );
});
