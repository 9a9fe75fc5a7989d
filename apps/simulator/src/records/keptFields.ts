/** Enough to recognise an image by; a storm of data URIs, each of megabytes, would not fit in memory. */
const charactersMax = 64 * 1024;

/** A copy of a submission's fields for the record, with texts of more than 64 Ki characters cut short. */
export function keptFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, kept(value, nestingMax)]));
}

/** Where images stand: a field, a list in it, an object in the list. Deeper there is none. */
const nestingMax = 2;

function kept(value: unknown, nesting: number): unknown {
  if (typeof value === 'string') {
    return value.length > charactersMax ? `${value.slice(0, charactersMax)}… (${value.length} characters)` : value;
  }
  if (typeof value !== 'object' || value === null || nesting === 0) return value;
  if (Array.isArray(value)) return value.map((item) => kept(item, nesting - 1));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, kept(inner, nesting - 1)]));
}
