/** Members whose inside is the client's own. */
const opaque = new Set(['labels', 'webhookMetadata']);

/**
 * A JSON value with its member names in camel case: protocol buffers' JSON may be written in either. Members that are
 * null count as absent.
 */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => {
        const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        return [camel, opaque.has(camel) ? inner : camelCased(inner)];
      }),
  );
}
