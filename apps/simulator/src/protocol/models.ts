export type OutputFormat = 'png' | 'jpeg' | 'webp';

/** A model this upstream sells. `longSide`: pixels of a picture's longer side; `maxN`: pictures per task at most. */
export type Model = { id: string; formats: readonly OutputFormat[]; longSide: number; maxN: number };

export const aspectRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;
export type AspectRatio = (typeof aspectRatios)[number];

/** The vendor's own page says "maximum set by the upstream"; four is what its other models allow at least. */
const maxN = 4;
const sides = { '0.5K': 512, '1K': 1024, '2K': 2048, '4K': 4096, '8K': 8192 } as const;
type Tier = keyof typeof sides;

const family = (name: string, tiers: readonly Tier[]): Model[] =>
  tiers.map((tier) => ({ id: `${name}-${tier}`, formats: ['png', 'jpeg'], longSide: sides[tier], maxN }));

/** The Nano family, every model enabled. */
export function nanoFamily(): Model[] {
  return [
    { id: 'NanoBanana', formats: ['png', 'jpeg', 'webp'], longSide: sides['1K'], maxN },
    ...family('NanoBananaPro', ['1K', '2K', '4K', '8K']),
    ...family('NanoBanana2', ['0.5K', '1K', '2K', '4K']),
  ];
}
