import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aspectRatios, nanoModels, ratiosOfSize, rulesOf } from './nanoFamily.ts';

test('every documented model knows its formats', () => {
  expect(Object.keys(nanoModels)).toEqual([
    'NanoBanana',
    ...['1K', '2K', '4K', '8K'].map((tier) => `NanoBananaPro-${tier}`),
    ...['0.5K', '1K', '2K', '4K'].map((tier) => `NanoBanana2-${tier}`),
  ]);
  for (const model of Object.keys(nanoModels)) {
    const formats = model === 'NanoBanana' ? ['png', 'jpeg', 'webp'] : ['png', 'jpeg'];
    expect(rulesOf(model).output_formats, model).toEqual(formats);
  }
});

test.each(['NanoBanana9-16K', 'constructor', '__proto__', ''])(
  'the unknown model %j makes what all newer ones do',
  (id) => {
    expect(rulesOf(id)).toEqual({ output_formats: ['png', 'jpeg'] });
  },
);

test.each([
  ['1024x1024', '1:1', true],
  ['1920x1080', '16:9', true],
  ['1080X1920', '9:16', true],
  [' 640 × 480 ', '4:3', true],
  ['832*1248', '2:3', true],
  ['2520x1080', '21:9', true],
  ['1792x1024', '16:9', false],
  ['1x1000', '9:16', false],
  ['99999x1', '21:9', false],
])('%s is %s, exactly: %s', (size, ratio, exact) => expect(ratiosOfSize(size)).toMatchObject({ ratio, exact }));

test.each(['', 'auto', '1024', '0x5', '5x0', '-1x1', '1.5x1', 'axb', '1024x1024x2', '999999x1', '1024:1024'])(
  '%j is no size',
  (size) => expect(ratiosOfSize(size)).toBeUndefined(),
);

test('every multiple of a ratio is that ratio exactly, and the exact answer is never wrong', () => {
  const side = fc.integer({ min: 1, max: 99_999 });
  fc.assert(
    fc.property(fc.constantFrom(...aspectRatios), fc.integer({ min: 1, max: 4000 }), side, side, (ratio, k, w, h) => {
      const [width, height] = ratio.split(':').map((side) => Number(side) * k);
      expect(ratiosOfSize(`${width}x${height}`)).toMatchObject({ ratio, exact: true });
      const found = ratiosOfSize(`${w}x${h}`)!;
      const [rw, rh] = found.ratio.split(':').map(Number);
      expect(found.exact).toBe(w * rh! === h * rw!);
    }),
  );
});
