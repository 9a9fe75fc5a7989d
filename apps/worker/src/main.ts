import { ConfigError } from '@darkroom/shared/config';
import { createLogger } from '@darkroom/shared/telemetry';
import { readWorkerConfig } from './config.ts';
import { startWorker } from './startWorker.ts';

/** A hand-back takes a second for thousands of jobs; a process that needs longer than this hangs. */
const closeMaxMs = 10_000;

async function main(): Promise<void> {
  const config = readWorkerConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  const end = (about: object, why: string): never => {
    logger.fatal(about, `${why}; ending, so that another process takes over`);
    process.exit(1);
  };
  const worker = await startWorker(config, logger, {
    onWedged: (queue) => end({ queue }, 'no progress although Redis answers'),
    onRestored: (restored) =>
      end(restored, 'Redis was restored from a backup, and what is held here is of another time'),
  });
  let isGoing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      // Ctrl-C reaches every process of the terminal, and then comes the SIGTERM of whoever supervises this one.
      if (isGoing) return;
      isGoing = true;
      logger.info({ signal }, 'closing');
      setTimeout(() => process.exit(1), closeMaxMs).unref();
      await worker.close();
      logger.info('closed');
      process.exit(0);
    });
  }
  // Whoever reads this may send a signal at once.
  logger.info({ channels: config.catalogue.channels.map(({ id }) => id) }, 'ready');
}

main().catch((error: Error) => {
  const clear = error instanceof ConfigError ? error.message : `The worker cannot start: ${error.message}`;
  process.stderr.write(`${clear}\n`);
  process.exit(1);
});
