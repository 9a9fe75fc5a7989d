#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { CannotGoOn } from './cannotGoOn.ts';
import { backupCommand } from './commands/backup.ts';
import type { CommandContext } from './commands/context.ts';
import { doctorCommand } from './commands/doctor.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { restoreCommand } from './commands/restore.ts';
import { setupRedisCommand } from './commands/setupRedis.ts';
import { startCommand } from './commands/start.ts';
import { openTerminal } from './terminal/terminal.ts';

const context: CommandContext = {
  env: { ...process.env },
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  terminal: openTerminal(process.stdout, process.env),
  exit: (status) => {
    process.exitCode = status;
  },
  outputGone: (act) => {
    process.stdout.once('error', act);
    // Every line after the first failed one fails as well.
    process.stdout.on('error', () => {});
  },
};

const darkroom = new Command('darkroom')
  .description('a self-hosted, durable gateway in front of image-generation APIs')
  .addCommand(startCommand(context, process))
  .addCommand(doctorCommand(context))
  .addCommand(setupRedisCommand(context))
  .addCommand(backupCommand(context, process))
  .addCommand(restoreCommand(context))
  .addCommand(reconcileCommand(context, process));

try {
  await darkroom.parseAsync();
} catch (error) {
  if (!(error instanceof CannotGoOn)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
