import { resolve } from 'node:path';
import { Command } from 'commander';
import { CannotGoOn } from '../cannotGoOn.ts';
import { putBack } from '../restore/putBack.ts';
import { runningOn } from '../restore/runningOn.ts';
import type { CommandContext } from './context.ts';

/** `darkroom restore`: a backup becomes the data of a Redis that is not running. */
export function restoreCommand({ env, terminal }: CommandContext): Command {
  return new Command('restore')
    .description('put a backup into the empty folder of a Redis that does not run')
    .requiredOption('--from <folder>', 'one backup')
    .requiredOption('--redis-dir <folder>', "the folder of Redis' data; empty, or not there")
    .action(async (flags: { from: string; redisDir: string }) => {
      const [from, dir] = [resolve(flags.from), resolve(flags.redisDir)];
      const running = await runningOn(dir, env);
      if (running) throw new CannotGoOn(`A Redis runs on ${dir} (${running}): stop it first.`);
      const { began_at_ms, redis } = await putBack(from, dir, Date.now());
      const began = new Date(began_at_ms).toISOString();
      for (const line of [
        `Restored to ${dir}: what Redis ${redis.version} had acknowledged before ${began}.`,
        'What to do now:',
        '  1. See that the files belong to the user of Redis, and start Redis on this folder with `appendonly yes`.',
        '  2. Start the workers and the API, if they are not running. A running worker ends, and must be started again.',
        `  3. Run \`darkroom reconcile --from ${from}\` to set right what storage knows better, and to see what was lost.`,
      ])
        terminal.line(line);
    });
}
