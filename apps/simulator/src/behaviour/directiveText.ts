import { type Behaviour, type DirectiveName, directiveNames, directives } from './directives.ts';

const inPrompt = /\[\[sim:([^\]]*)\]\]/g;

/** What a directive text asked for. `problems` is empty, or says in a sentence each what could not be read. */
export type ReadBehaviour = { behaviour: Partial<Behaviour>; problems: string[] };

/**
 * Reads `key=value key=value`. Later keys win.
 * @returns all that could be read, and a problem for each word that could not. Never throws.
 */
export function readBehaviour(text: string): ReadBehaviour {
  const behaviour: Record<string, string | number> = {};
  const problems: string[] = [];
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    if (!Object.hasOwn(directives, name)) {
      problems.push(`unknown directive '${name}'; known are ${directiveNames.join(', ')}`);
      continue;
    }
    const { value } = directives[name as DirectiveName];
    const read = equals < 0 ? undefined : value.read(word.slice(equals + 1));
    if (read === undefined) problems.push(`'${word}' cannot be read; ${name} takes ${value.forms}`);
    else behaviour[name] = read;
  }
  return { behaviour, problems };
}

/** Writes a behaviour as the text that `readBehaviour` reads. */
export function formatBehaviour(behaviour: Partial<Behaviour>): string {
  return Object.entries(behaviour)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/**
 * Separates what is to be drawn from what the simulator is told.
 * @returns `text`: the prompt without its directives, trimmed; `directive`: their inner texts, space-separated, or ''
 */
export function splitPrompt(prompt: string): { text: string; directive: string } {
  if (!prompt.includes('[[sim:')) return { text: prompt, directive: '' };
  const found: string[] = [];
  const text = prompt.replace(inPrompt, (_whole, inner: string) => {
    found.push(inner.trim());
    return ' ';
  });
  return { text: text.replace(/[ \t]+/g, ' ').trim(), directive: found.join(' ') };
}

/** Checks values that came from code, not text. @throws RangeError naming every value that no directive takes. */
export function checkBehaviour(behaviour: Partial<Behaviour>): Partial<Behaviour> {
  const read = readBehaviour(formatBehaviour(behaviour));
  if (read.problems.length > 0) throw new RangeError(read.problems.join('; '));
  return read.behaviour;
}
