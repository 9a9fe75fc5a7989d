import type { Postgres } from './machine/startPostgres.ts';

/** How a bench is run this time. */
export type Plan = {
  /** small sizes and few rounds: proves that it runs, and measures nothing worth keeping */
  quick: boolean;
  rounds: number;
  /** share of the tasks that are otherwise run, up to 1: a shorter run */
  scale: number;
  /** decides durations, ids and pictures at the upstream */
  seed: number;
  /** takes a line for the person who waits */
  say: (line: string) => void;
  /** the one PostgreSQL of this run, started when it is first needed */
  postgres: () => Promise<Postgres>;
};

export type Bench = {
  name: string;
  /** what it measures, for the list of benches */
  about: string;
  run(plan: Plan): Promise<Section[]>;
};

/** A table with what belongs to it. Cells are text as it is to be read. */
export type Section = {
  title: string;
  /** what was done and how it is to be read; Markdown */
  about: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  goals: readonly Goal[];
  /** what the reader must know beside it, a sentence each */
  notes: readonly string[];
  plots: readonly Plot[];
  /** the rounds as they were measured */
  raw: unknown;
};

/** What was asked for, what came out, and whether that is enough. */
export type Goal = { what: string; goal: string; got: string; met: boolean };

/** `file`: name of the SVG file beside the page */
export type Plot = { file: string; title: string; svg: string };

/** A number of tasks as this run has it. */
export const sized = ({ scale }: Pick<Plan, 'scale'>, tasks: number): number => Math.max(50, Math.round(tasks * scale));

/**
 * Runs contestants in turns, round by round, so that whatever else the machine does meets all of them alike. Each round
 * begins with another one.
 * @param seed  of the round
 */
export async function interleaved<C extends { name: string }, R>(
  { rounds, seed, say }: Plan,
  contestants: readonly C[],
  run: (contestant: C, seed: number) => Promise<R>,
  tell: (result: R) => string,
): Promise<Map<string, R[]>> {
  const results = new Map<string, R[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contestants.length; i++) {
      const contestant = contestants[(i + round) % contestants.length]!;
      const result = await run(contestant, seed + round);
      results.get(contestant.name)!.push(result);
      say(`  round ${round + 1}/${rounds} ${contestant.name}: ${tell(result)}`);
    }
  }
  return results;
}
