import { resolve } from 'node:path';
import { markRestored, type RedisClient, type Restored, readRestored } from '@darkroom/shared/redis';
import { Command, InvalidArgumentError } from 'commander';
import { readBackup } from '../backup/backupManifest.ts';
import { openStores } from '../backup/stores.ts';
import { CannotGoOn } from '../cannotGoOn.ts';
import { systemClock } from '../processes/clock.ts';
import { newerThan } from '../restore/newerThan.ts';
import { reconcile } from '../restore/reconcile.ts';
import { reportOf } from '../restore/reconcileReport.ts';
import { type SignalSource, stopSignal } from '../start/stopSignal.ts';
import type { CommandContext } from './context.ts';

interface ReconcileFlags {
  from?: string;
  takenAt?: number;
}

/** `darkroom reconcile`: holds a restored Redis against storage, sets right what storage knows better, and tells. */
export function reconcileCommand(context: CommandContext, signals: SignalSource): Command {
  return new Command('reconcile')
    .description(
      'hold a restored Redis against storage, set right what ended since, and tell what may be lost or paid twice',
    )
    .option('--from <folder>', 'the backup that was restored; tells which objects are newer')
    .option(
      '--taken-at <time>',
      'of a Redis that was set back by other means: when its data was copied (ISO 8601)',
      time,
    )
    .action((flags: ReconcileFlags) => runReconcile(context, signals, flags));
}

async function runReconcile({ env, terminal }: CommandContext, signals: SignalSource, flags: ReconcileFlags) {
  const stopping = stopSignal(signals, systemClock(), () => process.exit(1));
  if (flags.from) await readBackup(flags.from);
  const stores = await openStores(env);
  try {
    const restored = await restoredAt(stores.redis, flags.takenAt);
    const found = await reconcile({ ...stores, restored, now: Date.now, signal: stopping.signal });
    const newer = flags.from === undefined ? undefined : await newerThan(resolve(flags.from), found.unowned);
    for (const line of reportOf(restored, found, newer)) terminal.line(line);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    throw new CannotGoOn('Stopped; run it again, as often as you like.');
  } finally {
    stores.close();
    stopping.close();
  }
}

/** The mark in Redis, or one that is made now. */
async function restoredAt(redis: RedisClient, takenAt_ms: number | undefined): Promise<Restored> {
  if (takenAt_ms !== undefined) {
    const restored = { taken_at_ms: takenAt_ms, restored_at_ms: Date.now() };
    await markRestored(redis, restored);
    return restored;
  }
  const mark = await readRestored(redis);
  if (mark) return mark;
  throw new CannotGoOn(
    'This Redis was not restored by `darkroom restore`: say by --taken-at when its data was copied, before any worker runs.',
  );
}

function time(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw new InvalidArgumentError('It must be a time such as 2026-11-26T04:30:00Z.');
  }
  return ms;
}
