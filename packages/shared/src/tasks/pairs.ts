export type Fields = Record<string, string | number | boolean | object | undefined>;

/** A hash's fields as they are written: undefined ones left out, values as `jsonOfPairs` has them. */
export function textsOf(fields: Fields): [field: string, text: string][] {
  return Object.entries(fields).flatMap(([field, value]): [string, string][] =>
    value === undefined ? [] : [[field, asText(value)]],
  );
}

/**
 * A hash's fields as the JSON array `[field, value, …]` that our scripts take. Values become what a hash can hold:
 * booleans `0`/`1`, objects their JSON; undefined fields are left out.
 */
export function jsonOfPairs(fields: Fields): string {
  return JSON.stringify(textsOf(fields).flat());
}

function asText(value: string | number | boolean | object): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
