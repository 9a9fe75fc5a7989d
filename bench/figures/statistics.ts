/** @returns the value below which this share of the values lies; 0 for none */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A number in as many digits as say something: three, and no more decimals than two. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, Math.min(2, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Median and spread of the rounds: `412 (398–431)`; one round has no spread. */
export function spread(values: readonly number[]): string {
  const middle = digits(median(values));
  return values.length < 2 ? middle : `${middle} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`;
}
