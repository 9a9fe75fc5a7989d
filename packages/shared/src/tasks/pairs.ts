export type Fields = Record<string, string | number | boolean | object | undefined>;

/**
 * A hash's fields as the JSON array `[field, value, …]` that our scripts take. Values become what a hash can hold:
 * booleans `0`/`1`, objects their JSON; undefined fields are left out.
 */
export function jsonOfPairs(fields: Fields): string {
  const pairs: string[] = [];
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    pairs.push(field, asText(value));
  }
  return JSON.stringify(pairs);
}

function asText(value: string | number | boolean | object): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
