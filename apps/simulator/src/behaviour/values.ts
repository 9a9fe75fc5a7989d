/** One kind of value a directive takes: how a person writes it, and how it is read. */
export type ValueKind<T extends string | number> = {
  /** The accepted forms, as shown in the README. */
  forms: string;
  /** @returns the value, or undefined when the text is none of the forms. Never throws. */
  read(text: string): T | undefined;
};

/** One of a fixed list of words. */
export function oneOf<const Words extends readonly string[]>(...words: Words): ValueKind<Words[number]> {
  return { forms: words.join(', '), read: (text) => words.find((word) => word === text) };
}

/** A text that matches the whole pattern; `Text` says its shape to the type checker. */
export function matching<Text extends string>(forms: string, pattern: RegExp): ValueKind<Text> {
  return { forms, read: (text) => (pattern.test(text) ? (text as Text) : undefined) };
}

/** A whole number ≥ 0. Twelve digits are three decades of milliseconds, and far from where numbers get inexact. */
export function wholeNumber(forms: string): ValueKind<number> {
  return { forms, read: (text) => (/^\d{1,12}$/.test(text) ? Number(text) : undefined) };
}

/** Either of two kinds, the first that reads the text. */
export function either<A extends string | number, B extends string | number>(
  first: ValueKind<A>,
  second: ValueKind<B>,
): ValueKind<A | B> {
  return {
    forms: `${first.forms}, ${second.forms}`,
    read: (text) => first.read(text) ?? second.read(text),
  };
}
