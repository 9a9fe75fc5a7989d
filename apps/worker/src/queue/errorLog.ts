import type { Logger } from '@darkroom/shared/telemetry';

/** The same trouble is told of so often, ms. */
const quietMs = 10_000;

/** Kinds of trouble that are told apart; further ones are told each time. */
const kindsMax = 100;

/**
 * Logs what goes wrong in a BullMQ worker between jobs. While Redis refuses or is away, a worker meets the same error many
 * times a second: it is logged once, and then every ten seconds with how often it came meanwhile.
 */
export function errorLog(logger: Logger, what: string, about: object, now: () => number = Date.now) {
  const told = new Map<string, { at_ms: number; untold: number }>();
  return (error: Error): void => {
    // What a worker hears of a job that it lost; that it lost it is logged where the work stops.
    const level = /lock/i.test(error.message) ? 'debug' : 'warn';
    // Errors of scripts end in the script's hash.
    const kind = error.message.replace(/[0-9a-f]{8,}|\d+/gi, '#').slice(0, 80);
    const last = told.get(kind);
    if (last && now() - last.at_ms < quietMs) {
      last.untold++;
      return;
    }
    if (told.size >= kindsMax) told.clear();
    told.set(kind, { at_ms: now(), untold: 0 });
    const times = last?.untold ? { times: last.untold + 1 } : {};
    logger[level]({ ...about, err: error.message, ...times }, what);
  };
}
