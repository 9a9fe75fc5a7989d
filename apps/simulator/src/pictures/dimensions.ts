import type { AspectRatio } from '../protocol/models.ts';

export type Dimensions = { width: number; height: number };

/**
 * The largest size of exactly this ratio whose longer side is at most `longSide` pixels. Exactness comes first: 21:9 at
 * 1024 is 1008 × 432.
 */
export function dimensionsOf(ratio: AspectRatio, longSide: number): Dimensions {
  const [across = 1, down = 1] = ratio.split(':').map(Number);
  const unit = Math.floor(longSide / Math.max(across, down));
  return { width: across * unit, height: down * unit };
}
