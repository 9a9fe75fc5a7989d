import { styleText } from 'node:util';

export type Verdict = 'ok' | 'warn' | 'fail';

/** One thing that was looked at, in a sentence without any secret. */
export type Finding = { verdict: Verdict; says: string };

export type Section = { title: string; findings: Finding[] };

export const ok = (says: string): Finding => ({ verdict: 'ok', says });
export const warn = (says: string): Finding => ({ verdict: 'warn', says });
export const fail = (says: string): Finding => ({ verdict: 'fail', says });

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** A report as lines for a person. */
export function reportLines(sections: readonly Section[], colour: boolean): string[] {
  const mark = (verdict: Verdict) => {
    const word = verdict.padEnd(4);
    return colour ? styleText(colours[verdict], word, { validateStream: false }) : word;
  };
  const lines = sections.flatMap(({ title, findings }) => [
    title,
    ...findings.map(({ verdict, says }) => `  ${mark(verdict)}  ${says}`),
    '',
  ]);
  return [...lines, summaryOf(sections)];
}

function summaryOf(sections: readonly Section[]): string {
  const count = (wanted: Verdict) =>
    sections.flatMap(({ findings }) => findings).filter(({ verdict }) => verdict === wanted).length;
  if (!isWell(sections)) return `Not ready: ${count('fail')} to mend, ${count('warn')} to think about.`;
  return count('warn') > 0 ? `Ready, with ${count('warn')} to think about.` : 'Ready.';
}

/** Whether Darkroom can run as it is configured. */
export const isWell = (sections: readonly Section[]) =>
  sections.every(({ findings }) => findings.every(({ verdict }) => verdict !== 'fail'));
