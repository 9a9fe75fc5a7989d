/**
 * Durations are counted in buckets that grow by a fixed ratio: twenty-four to a doubling, each 3 % wide. Twelve would
 * blur an upstream whose durations vary by a few per cent, forty-eight would double what is kept and tell nothing more.
 */
const perDoubling = 24;

/** Upper edge of bucket 0: nothing is polled more finely than that. */
const first_ms = 8;

/** Enough to reach the longest deadline, seven days. */
export const bucketCount = 632;

/** Upper edge of a bucket, ms. Bucket i holds durations above the edge of i - 1 and not above its own. */
export const edgeOf = (bucket: number): number => first_ms * 2 ** (bucket / perDoubling);

/** The bucket of a duration; what is longer than all of them is in the last. */
export function bucketOf(ms: number): number {
  const bucket = Math.ceil(perDoubling * Math.log2(Math.max(ms, first_ms) / first_ms) - 1e-9);
  return Math.min(bucketCount - 1, Math.max(0, bucket));
}
