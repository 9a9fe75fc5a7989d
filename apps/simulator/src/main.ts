import { pino } from 'pino';
import { ConfigError, readSimulatorConfig, type SimulatorConfig } from './config.ts';
import { createSimulator } from './simulator.ts';

const log = pino({ name: 'simulator', base: {} });

/** A wrong configuration is the reader's to mend: one line says what, without a stack. */
function configured(): SimulatorConfig {
  try {
    return readSimulatorConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.fatal(error.message);
    process.exit(1);
  }
}

const { port, ...options } = configured();
const simulator = createSimulator({
  ...options,
  onAnswered: ({ prompt: _prompt, fields, at: _at, ...submission }) =>
    log.info(
      { ...submission, model: typeof fields.model === 'string' ? fields.model.slice(0, 64) : null },
      'submission',
    ),
  onBroken: (error) => log.error(error, 'broken'),
});

// A stand-in has nothing to bring home: it ends at once, whoever waits for an answer.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

await simulator.listen(port);
log.info({ url: simulator.url, seed: simulator.seed, picture: options.picture }, 'listening');
