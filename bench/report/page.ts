import type { Goal, Section } from '../bench.ts';
import type { Machine } from '../machine/describeMachine.ts';

/** What one bench gave in one run, as it is kept beside the page. */
export type Result = {
  bench: string;
  measured_at: string;
  machine: Machine;
  /** processes that wanted a core when it began and when it ended */
  load: [number, number];
  seed: number;
  rounds: number;
  /** share of the tasks that a whole run has */
  scale: number;
  minutes: number;
  sections: Section[];
};

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** A table in Markdown; numbers stand under each other in a terminal, too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((cells) => (cells[i] ?? '').length)));
  const padded = (cells: readonly string[]) => row(cells.map((cell, i) => cell.padEnd(widths[i]!)));
  return [padded(head), row(widths.map((width) => '-'.repeat(width))), ...rows.map(padded)].join('\n');
}

export const verdict = ({ met }: Goal) => (met ? 'met' : '**missed**');

/** One table with its goals, for the terminal and for the page alike. */
export function sectionText({ title, about, head, rows, goals, notes }: Section): string {
  const told = goals.map((goal) => `- Goal: ${goal.what}: ${goal.goal}. Measured: ${goal.got}, ${verdict(goal)}.`);
  const parts = [
    `### ${title}`,
    about,
    table(head, rows),
    told.join('\n'),
    notes.map((note) => `- ${note}`).join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const intro = `# Benchmarks

Written by \`npx -y pnpm bench\`; the rounds as they were measured are in \`docs/benchmarks\`, beside the plots.
[How they are made, and how far they can be trusted](decisions/0021-benchmarks.md).

A cell is the median of the rounds, with the least and the most in brackets. Contestants take turns within a run, so that
what else the machine does meets all of them.`;

/** A goal is about a whole run. */
const shorterRun =
  '**Some of these come from shorter runs** (each bench says so of itself), where starting up, and what is kept whatever the number of tasks, weigh on few of them. The load tells what else the machine did. They settle nothing.';

/** The whole page out of what is kept of every bench. */
export function page(results: readonly Result[]): string {
  const goals = results.flatMap(({ sections }) => sections.flatMap((section) => section.goals));
  const goalRows = goals.map((goal) => [goal.what, goal.goal, goal.got, verdict(goal)]);
  const shorter = results.some(({ scale }) => scale < 1) ? `\n\n${shorterRun}` : '';
  const goalTable = `## Goals\n\n${table(['what', 'goal', 'measured', 'verdict'], goalRows)}${shorter}`;
  return `${[intro, goalTable, ...results.map(benchText)].join('\n\n')}\n`;
}

function benchText({ bench, sections, ...run }: Result): string {
  const { cores, cpu, memory_gb, versions } = run.machine;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const where = `${run.measured_at.slice(0, 10)}, ${cores} cores (${cpu}), ${memory_gb} GB, load ${run.load.map((load) => load.toFixed(1)).join(' before and ')} after; ${run.rounds} round${run.rounds === 1 ? '' : 's'}, seed ${run.seed}, ${Math.round(run.minutes)} minutes${run.scale < 1 ? `, **a shorter run with ${Math.round(run.scale * 100)} % of the tasks**` : ''}. ${used.join(', ')}.`;
  const told = sections.map((section) => {
    const plots = section.plots.map(({ file, title }) => `![${title}](benchmarks/${file})`);
    return [sectionText(section), ...plots].join('\n\n');
  });
  return [`## \`${bench}\``, where, ...told].join('\n\n');
}
