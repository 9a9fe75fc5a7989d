import { Command, Option } from 'commander';
import { examine } from '../doctor/examine.ts';
import type { Whose } from '../doctor/readEnvironment.ts';
import { isWell, reportLines } from '../doctor/report.ts';
import type { CommandContext } from './context.ts';

/** `darkroom doctor`: what the configured parts are like, and what would be lost when; status 1 when one will not do. */
export function doctorCommand({ env, terminal, exit }: CommandContext): Command {
  return new Command('doctor')
    .description('check configuration, Redis, storage and channels; say what would be lost, and when')
    .addOption(
      new Option('--for <process>', 'whose environment this is').choices(['api', 'worker', 'both']).default('both'),
    )
    .action(async (flags: { for: Whose }) => {
      const sections = await examine(env, flags.for);
      for (const line of reportLines(sections, terminal.colour)) terminal.line(line);
      exit(isWell(sections) ? 0 : 1);
    });
}
