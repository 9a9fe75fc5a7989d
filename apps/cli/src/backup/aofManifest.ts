import { CannotGoOn } from '../cannotGoOn.ts';

/** A file of Redis' multi-part append-only file: the base, an increment, or one that only waits for its removal. */
export interface AofFile {
  name: string;
  seq: number;
  kind: 'base' | 'increment' | 'history';
}

const kinds = { b: 'base', i: 'increment', h: 'history' } as const;

/**
 * Reads the manifest that Redis keeps of its append-only file, a line a file.
 * @throws CannotGoOn when it is none, or has no increment, which is what Redis writes to
 */
export function parseAofManifest(text: string): AofFile[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const files = lines.map((line): AofFile => {
    const [, name, seq, type] = /^file ([\w.-]+) seq (\d+) type ([bih])\b/.exec(line) ?? [];
    if (!name) throw new CannotGoOn(`The manifest of the append-only file cannot be read: ${line}`);
    return { name, seq: Number(seq), kind: kinds[type as keyof typeof kinds] };
  });
  if (!files.some(({ kind }) => kind === 'increment')) {
    throw new CannotGoOn('The manifest of the append-only file names no file that is written to.');
  }
  return files;
}

/** The manifest of these files, as Redis reads it. */
export const formatAofManifest = (files: readonly AofFile[]): string =>
  files.map(({ name, seq, kind }) => `file ${name} seq ${seq} type ${kind[0]}\n`).join('');

/** The file that Redis writes to. */
export const lastIncrement = (files: readonly AofFile[]): AofFile =>
  files.filter(({ kind }) => kind === 'increment').sort((a, b) => b.seq - a.seq)[0]!;
