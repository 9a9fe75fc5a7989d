import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { CannotGoOn } from '../cannotGoOn.ts';
import { systemClock } from '../processes/clock.ts';
import { whenLaunchersGone } from '../processes/launchers.ts';
import { spawnProcess } from '../processes/spawnProcess.ts';
import { supervise } from '../processes/supervise.ts';
import { House } from '../start/house.ts';
import { startProduct } from '../start/startProduct.ts';
import { type SignalSource, stopSignal } from '../start/stopSignal.ts';
import { formatLogLine } from '../terminal/logLine.ts';
import type { CommandContext } from './context.ts';

interface StartFlags {
  once: boolean;
  watch: boolean;
  state: string;
  pictures: string;
}

/** `darkroom start`: Redis, simulator, API and worker, supervised, and a demonstration. */
export function startCommand(context: CommandContext, signals: SignalSource): Command {
  return new Command('start')
    .description('start the whole product: Redis, simulator, API and worker; and show it at work')
    .option('--once', 'end after the demonstration; the status tells whether it went as expected', false)
    .option('--watch', 'start a child again when its sources are saved', false)
    .option('--state <folder>', "Redis' data, secrets, stored pictures", resolve(context.root, '.darkroom'))
    .option('--pictures <folder>', "the demonstration's pictures", resolve(context.root, 'pictures'))
    .action(async (flags: StartFlags) => context.exit(await runStart(context, signals, flags)));
}

/** @returns the exit status */
async function runStart({ env, root, terminal, outputGone }: CommandContext, signals: SignalSource, flags: StartFlags) {
  const clock = systemClock();
  const onLine = (name: string, line: string) => terminal.line(formatLogLine(name, line, terminal.colour));
  const sayAt = (level: number) => (msg: string) =>
    onLine('darkroom', JSON.stringify({ level, time: Date.now(), msg }));
  const say = sayAt(30);
  const warn = sayAt(40);
  const sayOfChild = (level: 'info' | 'warn', message: string) => (level === 'warn' ? warn : say)(message);
  const deps = { spawn: spawnProcess, clock, onLine, say: sayOfChild };
  const house = new House((spec) => supervise(spec, deps));
  const stopping = stopSignal(signals, clock, () => house.kill());
  outputGone(stopping.stop);
  const endLauncherWatch = whenLaunchersGone(clock, stopping.stop);
  let status = 1;
  let sentence: string | undefined;
  try {
    const options = { ...flags, stateDir: resolve(flags.state), picturesDir: resolve(flags.pictures) };
    const ok = await startProduct({ root, env, terminal, house, clock, say, signal: stopping.signal }, options);
    if (ok) status = 0;
  } catch (error) {
    terminal.endBlock();
    if (stopping.signal.aborted) status = flags.once ? 1 : 0;
    else if (error instanceof CannotGoOn) sentence = error.message;
    else throw error;
  } finally {
    endLauncherWatch();
    say('ending');
    await house.stop();
    stopping.close();
  }
  // Last, so that it stands where the person looks.
  if (sentence) terminal.line(terminal.colour ? styleText('red', sentence, { validateStream: false }) : sentence);
  return status;
}
