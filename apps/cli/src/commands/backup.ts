import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { checkAof } from '../backup/checkAof.ts';
import { keepNewest } from '../backup/keepNewest.ts';
import { openStores } from '../backup/stores.ts';
import { takeBackup } from '../backup/takeBackup.ts';
import { CannotGoOn } from '../cannotGoOn.ts';
import { systemClock } from '../processes/clock.ts';
import { runToEnd } from '../processes/runToEnd.ts';
import { type SignalSource, stopSignal } from '../start/stopSignal.ts';
import type { CommandContext } from './context.ts';

interface BackupFlags {
  to: string;
  keep?: number;
  redisDir?: string;
  check: boolean;
}

/** `darkroom backup`: a copy of what Redis keeps, made while it serves, and a list of what storage keeps. */
export function backupCommand(context: CommandContext, signals: SignalSource): Command {
  return new Command('backup')
    .description('copy what Redis keeps while it serves, and list what storage keeps; read by `restore`')
    .requiredOption('--to <folder>', 'folder of the backups: each becomes a new folder in it')
    .option('--keep <count>', 'afterwards remove all but the newest backups there', wholeNumber)
    .option('--redis-dir <folder>', "the folder of Redis' data as seen from here, where Redis tells none or another")
    .option('--no-check', 'do not have redis-check-aof look through the copy')
    .action((flags: BackupFlags) => runBackup(context, signals, flags));
}

async function runBackup({ env, root, terminal }: CommandContext, signals: SignalSource, flags: BackupFlags) {
  const clock = systemClock();
  // Told twice to end, it ends: what it had set in Redis is put right by the next one.
  const stopping = stopSignal(signals, clock, () => process.exit(1));
  const stores = await openStores(env);
  try {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const check = async (path: string) => (flags.check ? checkAof(path, runToEnd, env) : undefined);
    const deps = {
      ...stores,
      clock,
      say: terminal.line,
      signal: stopping.signal,
      darkroom: version,
      check,
      now: Date.now,
    };
    const { folder, manifest } = await takeBackup(deps, resolve(flags.to), flags.redisDir);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    terminal.line(`Backed up to ${folder}: ${manifest.files.length} files, ${bytes} bytes.`);
    terminal.line(`All that was acknowledged before ${new Date(manifest.began_at_ms).toISOString()} is in it.`);
    if (flags.keep) {
      for (const name of await keepNewest(resolve(flags.to), flags.keep)) terminal.line(`Removed ${name}.`);
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    throw new CannotGoOn('Stopped; nothing is left of this backup.');
  } finally {
    stores.close();
    stopping.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
