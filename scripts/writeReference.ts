import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Variables } from '@darkroom/shared/config';
import { finalStates, transitions } from '@darkroom/shared/tasks';
import { type MetricKind, metrics, processMetrics } from '@darkroom/shared/telemetry';

/**
 * Writes the parts of the documentation that the code dictates: the table of variables, `.env.example`, the diagram of
 * states and the tables of metrics. `node scripts/writeReference.ts` writes them, `--check` tells which are stale and changes nothing.
 */
const root = fileURLToPath(new URL('../', import.meta.url));

type Page = { file: string; write: (old: string) => string };

const pages: readonly Page[] = [
  { file: 'docs/configuration.md', write: (old) => between(old, 'variables', variablesTable()) },
  { file: 'docs/architecture.md', write: (old) => between(old, 'states', `${stateDiagram()}\n\n${changesTable()}`) },
  { file: 'docs/metrics.md', write: (old) => between(between(old, 'own', ownMetrics()), 'process', ofTheProcess()) },
  { file: '.env.example', write: environmentExample },
];

/** The pages that are not as the code dictates. */
export function stalePages(): string[] {
  return pages.filter(({ file, write }) => write(read(file)) !== read(file)).map(({ file }) => file);
}

type Variable = { name: string; description: string; fallback: string | undefined; required: boolean };

function variables(): Variable[] {
  return Object.entries(Variables.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    const fallback = unset.data === undefined ? undefined : String(unset.data);
    return { name, description: schema.description ?? '', fallback, required: !unset.success };
  });
}

function variablesTable(): string {
  const rows = variables().map((variable) => [code(variable.name), defaultCell(variable), variable.description]);
  return table(['variable', 'default', 'what it is for'], rows);
}

function defaultCell({ fallback, required }: Variable): string {
  if (required) return '**required**';
  if (fallback === undefined) return 'unset';
  return fallback === '' ? 'empty' : code(fallback);
}

function environmentExample(): string {
  const head = [
    '# Every variable that Darkroom understands, with what it is for and its default.',
    '# A line that is commented out has its default; "required" ones must be set. See docs/configuration.md.',
  ];
  const entries = variables().flatMap(({ name, description, fallback, required }) => {
    const note = required ? ' (required)' : '';
    return ['', `# ${description}${note}`, `${required ? '' : '# '}${name}=${fallback ?? ''}`];
  });
  return `${[...head, ...entries].join('\n')}\n`;
}

function stateDiagram(): string {
  const edges = Object.entries(transitions).flatMap(([name, { from, to }]) =>
    from.map((state) => `  ${state} --> ${to} : ${name}`),
  );
  const ends = finalStates.map((state) => `  ${state} --> [*]`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> queued', ...edges, ...ends, '```'].join('\n');
}

function changesTable(): string {
  const rows = Object.entries(transitions).map(([name, { from, to, why }]) => [
    code(name),
    from.map(code).join(', '),
    code(to),
    why,
  ]);
  return table(['change', 'from', 'to', 'when'], rows);
}

function ownMetrics(): string {
  const rows = Object.entries<MetricKind>(metrics).map(([name, kind]) => [
    ...metricCells(name, kind),
    kind.of.join(', '),
    kind.help,
  ]);
  return table(['metric', 'type', 'unit', 'labels', 'exposed by', 'what it says'], rows);
}

function ofTheProcess(): string {
  const rows = Object.entries(processMetrics).map(([name, kind]) => [...metricCells(name, kind), kind.help]);
  return table(['metric', 'type', 'unit', 'labels', 'what it says'], rows);
}

function metricCells(name: string, { type, unit, labels }: Pick<MetricKind, 'type' | 'unit' | 'labels'>): string[] {
  const shown = Object.entries(labels).map(([label, values]) =>
    typeof values === 'string' ? `${code(label)}: ${values}` : `${code(label)}: ${values.map(code).join(', ')}`,
  );
  return [code(name), type, unit, shown.join('; ') || '—'];
}

/** A table as the formatter lays it out: every column as wide as its widest cell. */
function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const lines = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`);
  return lines.toSpliced(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`).join('\n');
}

const code = (text: string) => `\`${text}\``;

/** Replaces what stands between two `<!-- name -->` marks. @throws Error where the page lacks them */
function between(page: string, name: string, content: string): string {
  const mark = `<!-- ${name} -->`;
  const parts = page.split(mark);
  if (parts.length !== 3) throw new Error(`the page needs exactly two marks ${mark}`);
  return `${parts[0]}${mark}\n\n${content}\n\n${mark}${parts[2]}`;
}

function read(file: string): string {
  try {
    return readFileSync(root + file, 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) {
  const stale = stalePages();
  if (process.argv.includes('--check')) process.exitCode = stale.length > 0 ? 1 : 0;
  else for (const { file, write } of pages) writeFileSync(root + file, write(read(file)));
  process.stdout.write(stale.length > 0 ? `${stale.join('\n')}\n` : 'nothing to change\n');
}
