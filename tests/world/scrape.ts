import type { metrics } from '@darkroom/shared/telemetry';
import type { TestProcess } from './process.ts';

export type Sample = { name: string; labels: Record<string, string>; value: number };

/** What one scrape showed. */
export type Scrape = {
  text: string;
  /** type of each family, by its name */
  families: Record<string, string>;
  samples: Sample[];
  /** the value of a series; undefined when it is not exposed */
  value(name: Metric | Suffixed, labels?: Record<string, string>): number | undefined;
};

type Metric = keyof typeof metrics;
type Suffixed = `${Metric}_${'count' | 'sum'}`;

/** Scrapes a process through the port of its own that it has for metrics. */
export async function scrape(process: TestProcess): Promise<Scrape> {
  const { url } = await process.logged('metrics are served');
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`the scrape answered ${answer.status}`);
  return readExposition(await answer.text());
}

/** Reads Prometheus' text. @throws Error for a line that is none */
export function readExposition(text: string): Scrape {
  const lines = text.split('\n').filter((line) => line !== '');
  const types = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ').slice(2));
  const samples = lines.filter((line) => !line.startsWith('#')).map(readSample);
  return {
    text,
    families: Object.fromEntries(types),
    samples,
    value: (name, labels = {}) =>
      samples.find((sample) => sample.name === name && isSame(sample.labels, labels))?.value,
  };
}

function readSample(line: string): Sample {
  const [, name, inner = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!name || value === undefined) throw new Error(`not a sample: ${line}`);
  const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
  return { name, labels: Object.fromEntries(labels), value: Number(value) };
}

function isSame(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  const names = Object.keys(labels);
  return names.length === Object.keys(wanted).length && names.every((name) => labels[name] === wanted[name]);
}
