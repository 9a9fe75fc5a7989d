/** One task that the demonstration asks for. */
export interface Order {
  /** What the person reads. */
  label: string;
  /** Models that would do, the preferred one first. */
  models: readonly string[];
  request: { prompt: string; aspect_ratio: string; output_format: 'png' | 'jpeg' | 'webp' };
  /** How it must end. */
  expect: { status: 'succeeded' } | { status: 'failed'; code: string };
}

const succeeded = { status: 'succeeded' } as const;

/** Text to image, a family, a ratio and a format each. */
export const pictures: readonly Order[] = [
  {
    label: 'a pear, square',
    models: ['NanoBanana2-0.5K', 'NanoBanana2-1K', 'NanoBanana2-2K', 'NanoBanana2-4K'],
    request: { prompt: 'A ripe pear on a linen cloth, morning light', aspect_ratio: '1:1', output_format: 'png' },
    expect: succeeded,
  },
  {
    label: 'a harbour, wide',
    models: ['NanoBanana'],
    request: { prompt: 'A small harbour at dusk, boats at rest', aspect_ratio: '16:9', output_format: 'webp' },
    expect: succeeded,
  },
  {
    label: 'a portrait, upright',
    models: ['NanoBananaPro-1K', 'NanoBananaPro-2K', 'NanoBananaPro-4K', 'NanoBananaPro-8K'],
    request: { prompt: 'Portrait of a lighthouse keeper, film grain', aspect_ratio: '3:4', output_format: 'jpeg' },
    expect: succeeded,
  },
];

/** Image to image; its reference is the first finished picture, and its model that picture's. */
export const edit: Omit<Order, 'models'> = {
  label: 'the first picture, edited',
  request: { prompt: 'The same scene under snow', aspect_ratio: '1:1', output_format: 'png' },
  expect: succeeded,
};

/** One that the simulator refuses, by its own directive. A real upstream would charge for the joke. */
export const refusal: Order = {
  label: 'what the upstream refuses',
  models: ['NanoBanana2-0.5K'],
  request: { prompt: 'A forbidden picture [[sim: fail=content_policy]]', aspect_ratio: '1:1', output_format: 'png' },
  expect: { status: 'failed', code: 'content_policy' },
};
