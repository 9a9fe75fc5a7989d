import { ConfigError } from '@darkroom/shared/config';
import { createLogger } from '@darkroom/shared/telemetry';
import { readApiConfig } from './config.ts';
import { startApi } from './startApi.ts';

/** A held request is let go after the drain; whatever is not done a while after that is cut. */
const closeExtraMs = 5000;

async function main(): Promise<void> {
  const config = readApiConfig(process.env);
  const logger = createLogger('api', config.logLevel);
  const api = await startApi(config, logger);
  let isGoing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      // Ctrl-C reaches every process of the terminal, and then comes the SIGTERM of whoever supervises this one.
      if (isGoing) return;
      isGoing = true;
      logger.info({ signal }, 'draining');
      setTimeout(() => process.exit(1), config.drainMs + closeExtraMs).unref();
      await api.close();
      logger.info('closed');
      process.exit(0);
    });
  }
  // Whoever reads this may send a signal at once.
  logger.info({ url: api.url }, 'listening');
}

main().catch((error: Error) => {
  const clear = error instanceof ConfigError ? error.message : `The API cannot start: ${error.message}`;
  process.stderr.write(`${clear}\n`);
  process.exit(1);
});
