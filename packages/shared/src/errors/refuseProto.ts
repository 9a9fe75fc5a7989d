/**
 * A reviver for `JSON.parse`: no member may be called `__proto__`. Parsers of later stages leave such a member out in
 * silence, and a label or a piece of metadata would be lost on the way.
 */
export function refuseProto(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new SyntaxError('a member cannot be called __proto__');
  return value;
}
