import { expect, test } from 'vitest';
import { Faults, readVariables } from '../config/index.ts';
import { readSigningKeys, readStorageSettings } from './readSettings.ts';

const [one, two] = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'];

function faultOf(text: string): string {
  const faults = new Faults();
  readSigningKeys(text, faults);
  try {
    faults.throwIfAny();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('signing keys are read in their order; a secret may hold colons', () => {
  const faults = new Faults();
  expect(readSigningKeys(`new:${one}, old:${two}:x`, faults)).toEqual([
    { id: 'new', secret: one },
    { id: 'old', secret: `${two}:x` },
  ]);
  faults.throwIfAny();
});

test.each([
  [one, /the secret of entry 1 is empty/],
  [`:${one}`, /every entry must be id:secret/],
  [`a b:${one}`, /every entry must be id:secret/],
  ['a:', /the secret of entry 1 is empty/],
  [`a:${one},b:short`, /the secret of entry 2 is shorter than 32 characters/],
  [`a:${'changeme'.repeat(4)}`, /is a placeholder/],
  [`a:${'ab'.repeat(16)}`, /repeats too few characters/],
  [`a:${one},a:${two}`, /the id of entry 2 is given twice/],
])('%j is refused', (text, fault) => expect(faultOf(text)).toMatch(fault));

test('a secret never reaches the message, not even in place of its id', () => {
  for (const text of [one, `${one}:a`, `a:${one.slice(1)}`, `a:${one},`]) {
    expect(faultOf(text)).not.toBe('');
    expect(faultOf(text)).not.toContain(one.slice(1, 20));
  }
});

test('pictures go to the bucket when one is named, else to the directory', () => {
  const settings = (env: Record<string, string>) =>
    readStorageSettings(readVariables({ REDIS_URL: 'redis://h', SIGNING_KEYS: 'a:b', ...env }).variables);
  expect(settings({})).toEqual({ driver: 'disk', directory: '.darkroom/storage' });
  expect(settings({ STORAGE_S3_BUCKET: 'pictures', STORAGE_S3_ENDPOINT: 'http://minio:9000/' })).toEqual({
    driver: 's3',
    bucket: 'pictures',
    region: 'us-east-1',
    endpoint: 'http://minio:9000',
    accessKeyId: undefined,
    secretAccessKey: undefined,
    forcePathStyle: true,
  });
});
