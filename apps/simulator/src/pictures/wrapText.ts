import type { SKRSContext2D } from '@napi-rs/canvas';

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** No picture shows more than this; a prompt may be megabytes long. */
const charactersMax = 2_000;

/** Lines and the size in pixels at which they fit. */
export type FittedText = { lines: string[]; size: number };

/**
 * Breaks a text into lines at the largest font size at which it fits.
 * @param fontAt  the CSS font for a size in pixels
 * @param sizes  font sizes to try, largest first; at the last one the text is cut short with an ellipsis
 */
export function fitText(
  context: SKRSContext2D,
  text: string,
  box: { width: number; maxLines: (size: number) => number },
  fontAt: (size: number) => string,
  sizes: readonly number[],
): FittedText {
  for (const size of sizes) {
    context.font = fontAt(size);
    const maxLines = box.maxLines(size);
    const lines = wrapText(context, text, box.width, maxLines + 1);
    if (lines.length <= maxLines) return { lines, size };
    if (size === sizes.at(-1)) return { lines: cutShort(context, lines.slice(0, maxLines), box.width), size };
  }
  return { lines: [], size: 0 };
}

/** Breaks at words of any script, and inside a word only when it is wider than a line. */
function wrapText(context: SKRSContext2D, text: string, width: number, maxLines: number): string[] {
  const fits = (line: string) => context.measureText(line).width <= width;
  const lines: string[] = [];
  let line = '';
  for (const segment of unbreakable(
    text
      .slice(0, charactersMax)
      .replace(/[^\S\u00a0]+/g, ' ')
      .trim(),
  )) {
    if (lines.length >= maxLines) return lines;
    if (fits(line + segment)) {
      line += segment;
      continue;
    }
    if (line.trim() !== '') lines.push(line.trim());
    line = segment.trimStart();
    while (!fits(line) && lines.length < maxLines) {
      const head = longestHead(line, fits);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line.trim() !== '') lines.push(line.trim());
  return lines.slice(0, maxLines);
}

/** The pieces between which a line may end: words, with the punctuation after them. */
function unbreakable(text: string): string[] {
  const pieces: string[] = [];
  for (const { segment, isWordLike } of words.segment(text)) {
    const clings = pieces.length > 0 && !isWordLike && (segment === '\u00a0' || segment.trim() !== '');
    const afterBound = pieces.at(-1)?.endsWith('\u00a0');
    if ((clings && pieces.at(-1) !== ' ') || afterBound) pieces[pieces.length - 1] += segment;
    else pieces.push(segment);
  }
  return pieces;
}

function longestHead(word: string, fits: (text: string) => boolean): string {
  let head = '';
  for (const { segment } of characters.segment(word)) {
    if (head !== '' && !fits(head + segment)) return head;
    head += segment;
  }
  return head;
}

function cutShort(context: SKRSContext2D, lines: string[], width: number): string[] {
  const last = lines.pop() ?? '';
  const kept = [...characters.segment(last)].map(({ segment }) => segment);
  while (kept.length > 0 && context.measureText(`${kept.join('')}…`).width > width) kept.pop();
  return [...lines, `${kept.join('').trimEnd()}…`];
}
