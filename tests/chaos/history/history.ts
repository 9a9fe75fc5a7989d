import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Line, type LineOf } from './lines.ts';

type WithTime = Extract<Line, { at: number }>;
type Timed<T> = T extends WithTime ? Omit<T, 'at'> & { at?: number } : T;

/** Writes down what happens, as it happens. */
export type History = {
  /** Adds a line; one that tells a time gets the time of now. */
  add(line: Timed<Line>): void;
  /** ms since the history began, monotonic */
  now(): number;
  close(): Promise<void>;
};

export function writeHistory(path: string): History {
  const began = performance.now();
  const out = createWriteStream(path);
  const now = () => Math.round((performance.now() - began) * 1000) / 1000;
  return {
    now,
    add(line) {
      const timed = untimed.has(line.t) ? line : { ...line, at: now() };
      out.write(`${JSON.stringify(timed)}\n`);
    },
    close: () => new Promise((resolve) => out.end(() => resolve())),
  };
}

const untimed = new Set<Line['t']>([
  ...(['storm', 'loss', 'record', 'submission', 'upstream_task', 'object', 'key', 'listed'] as const),
]);

/** Everything a history tells, by kind, in its order. */
export type Told = { [T in Line['t']]: LineOf<T>[] };

/** Reads a history. @throws Error naming the line that is none */
export async function readHistory(path: string): Promise<Told> {
  const told = emptyHistory();
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    number++;
    const read = Line.safeParse(JSON.parse(text));
    if (!read.success) throw new Error(`line ${number} is not of a history: ${read.error.message}`);
    (told[read.data.t] as Line[]).push(read.data);
  }
  return told;
}

export const emptyHistory = (): Told => ({
  ...{ storm: [], call: [], fault: [], loss: [], told: [], seen: [], log: [] },
  ...{ record: [], submission: [], upstream_task: [], object: [], key: [], listed: [], end: [] },
});
