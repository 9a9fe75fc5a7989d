import { type Logger, pino } from 'pino';

export type { Logger };

/** Values under these names never reach a log, at any of the depths our lines have. */
const secretNames = ['authorization', 'api_key', 'apiKey', 'key', 'secret', 'password', 'prompt', 'token', 'cookie'];

/**
 * The process's logger: JSON lines on standard output.
 * @param name  the process: `api`, `worker`
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name },
    redact: {
      paths: secretNames.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
      censor: '[hidden]',
    },
  });
}
