import { join } from 'node:path';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Secrets } from './secrets.ts';

/** Variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Loopback, where the embedded start has its simulator, its API and whoever tries it. */
const loopback = '127.0.0.0/8,::1/128';

/** The three surfaces on which URLs come from outside. */
const surfaces = ['UPSTREAM_RESULT', 'REFERENCE', 'WEBHOOK'];

/**
 * Whether the environment names an upstream; if not, the simulator plays one.
 * @throws CannotGoOn when it names one by half
 */
export function namesUpstream(env: Environment): boolean {
  if (env.CHANNELS_FILE) return true;
  if (env.UPSTREAM_BASE_URL && !env.UPSTREAM_API_KEY) {
    throw new CannotGoOn(
      'UPSTREAM_BASE_URL is set and UPSTREAM_API_KEY is not: set both, or neither for the simulator.',
    );
  }
  return Boolean(env.UPSTREAM_BASE_URL);
}

export interface EmbeddedParts {
  secrets: Secrets;
  /** The API's. */
  port: number;
  redisUrl: string;
  /** Folder of what Darkroom keeps; absolute. */
  stateDir: string;
  /** Where the simulator listens; undefined where the environment names an upstream. */
  simulatorUrl: string | undefined;
}

/**
 * Where an empty text says something: an empty list, or a secret that must not be empty, which API and worker refuse.
 * Any other empty variable, as `VAR=${VAR:-}` leaves it, counts as not given.
 */
const emptyMatters = /^(API_KEYS|ADMIN_PASSWORD|SIGNING_KEYS|\w+_ALLOWED_CIDRS)$/;

/**
 * The variables that the API and the worker are started with: what is given holds; what is not given gets the embedded
 * start's value.
 */
export function childEnvironment(env: Environment, parts: EmbeddedParts): Environment {
  const { secrets, port, redisUrl, stateDir, simulatorUrl } = parts;
  const defaults: Record<string, string> = {
    ADMIN_PASSWORD: secrets.admin_password,
    SIGNING_KEYS: secrets.signing_keys,
    PUBLIC_BASE_URL: `http://127.0.0.1:${port}`,
    STORAGE_DIR: join(stateDir, 'storage'),
    // No load balancer watches this API; whoever ends it waits for it.
    DRAIN_SECONDS: '0',
  };
  // A file of keys may stand instead of API_KEYS; a key that nobody asked for beside it would be a hole.
  if (!env.KEYS_FILE) defaults.API_KEYS = `demo:${secrets.api_key}`;
  for (const surface of surfaces) {
    defaults[`${surface}_ALLOWED_CIDRS`] = loopback;
    defaults[`${surface}_ALLOW_HTTP`] = 'true';
  }
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value || (value === '' && emptyMatters.test(name))),
  );
  const upstream = simulatorUrl
    ? { UPSTREAM_BASE_URL: simulatorUrl, UPSTREAM_API_KEY: env.UPSTREAM_API_KEY || secrets.upstream_key }
    : {};
  // What is settled before the children start.
  return { ...defaults, ...given, ...upstream, PORT: String(port), REDIS_URL: redisUrl };
}

/** The worker's, where both serve metrics on a port of their own on this machine: it takes the one after the API's. */
export function workerEnvironment(env: Environment): Environment {
  const port = Number(env.METRICS_PORT);
  return port > 0 ? { ...env, METRICS_PORT: String(port + 1) } : env;
}

/** The variables that the simulator is started with. */
export function simulatorEnvironment(env: Environment, port: number, upstreamKey: string): Environment {
  return {
    // The same pictures on every start, at a pace that shows progress without making anybody wait.
    SIMULATOR_SEED: '1',
    SIMULATOR_DURATION: 'lognormal:4000:0.3',
    SIMULATOR_KEYS: env.UPSTREAM_API_KEY || upstreamKey,
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    SIMULATOR_PORT: String(port),
  };
}

/** Where the API is called from this machine when it listens on `host`. */
export function reachableHost(host: string | undefined): string {
  if (!host || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
