import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import { enabledModels } from '@darkroom/shared/channels';
import getPort from 'get-port';
import { catalogueOf, estimateCost } from '../demonstration/estimateCost.ts';
import { progressBoard } from '../demonstration/progressBoard.ts';
import { type Outcome, runDemonstration } from '../demonstration/runDemonstration.ts';
import { savePicture } from '../demonstration/savePicture.ts';
import { taskApi } from '../demonstration/taskApi.ts';
import type { Clock } from '../processes/clock.ts';
import { runToEnd } from '../processes/runToEnd.ts';
import { watchSources } from '../processes/watchSources.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { choosePort } from './choosePort.ts';
import {
  childEnvironment,
  type Environment,
  namesUpstream,
  reachableHost,
  simulatorEnvironment,
  workerEnvironment,
} from './environment.ts';
import type { House } from './house.ts';
import { keepSecrets, type Secrets } from './secrets.ts';
import { appSpec, untilSays, untilServes } from './services.ts';
import { startRedis } from './startRedis.ts';
import { untilStopped } from './stopSignal.ts';
import { clientKey, whatToOpen } from './whatToOpen.ts';

export interface StartOptions {
  /** End after the demonstration, with its success. */
  once: boolean;
  /** Start a child again when its sources are saved. */
  watch: boolean;
  /** Where Redis' data, secrets and stored pictures are kept; absolute. */
  stateDir: string;
  /** Where the demonstration's pictures go; absolute. */
  picturesDir: string;
}

export interface StartDeps {
  /** Folder of the workspace. */
  root: string;
  env: Environment;
  terminal: Terminal;
  house: House;
  clock: Clock;
  say: (message: string) => void;
  signal: AbortSignal;
}

/** What runs, once all of it does. */
interface Running {
  env: Environment;
  baseUrl: string;
  secrets: Secrets;
  simulated: boolean;
}

/**
 * Starts the whole product, shows it at work, and keeps it up until `signal` fires, or, with `once`, until the
 * demonstration has ended. The caller ends the house, whatever comes of this.
 * @returns whether the demonstration, if there was one, went as expected
 * @throws CannotGoOn when something needed cannot be had; the signal's reason when that fires during the start
 */
export async function startProduct(deps: StartDeps, options: StartOptions): Promise<boolean> {
  const { root, house, clock, terminal, say, signal } = deps;
  const running = await startOrGiveUp(deps, options);
  say(`ready on ${running.baseUrl}`);
  const endWatch = options.watch
    ? watchSources(root, clock, (owners) => {
        say(`sources of ${[...owners].join(', ')} changed`);
        void house.restart(owners);
      })
    : () => {};
  try {
    const shown = options.once || running.simulated;
    const { outcomes, ok } = shown ? await demonstrate(deps, options, running) : { outcomes: [], ok: true };
    signal.throwIfAborted();
    await sayWhatToOpen(deps, options, running, outcomes);
    if (options.once) return ok;
    if (!ok) terminal.line('The demonstration did not go as it should; see above. Darkroom stays up.');
    await untilStopped(signal);
    return true;
  } finally {
    endWatch();
  }
}

/** One child that cannot start ends the waiting for all others. */
async function startOrGiveUp(deps: StartDeps, options: StartOptions): Promise<Running> {
  const failed = new AbortController();
  try {
    return await startAll({ ...deps, signal: AbortSignal.any([deps.signal, failed.signal]) }, options);
  } catch (error) {
    failed.abort();
    throw error;
  }
}

async function startAll(deps: StartDeps, { stateDir }: StartOptions): Promise<Running> {
  const { root, env, house, clock, say, signal } = deps;
  const simulated = !namesUpstream(env);
  const secrets = await keepSecrets(stateDir);
  const port = await choosePort(env.PORT, say);
  const simulatorPort = simulated ? await getPort({ host: '127.0.0.1' }) : undefined;
  const simulator = simulatorPort
    ? house.startApp(appSpec(root, 'simulator', simulatorEnvironment(env, simulatorPort, secrets.upstream_key)))
    : undefined;
  const simulatorReady = simulator && untilSays(simulator, 'listening', signal);
  // Looked at below; a simulator that fails while Redis is being installed must not be an unhandled rejection.
  simulatorReady?.catch(() => {});
  const redisUrl = await startRedis({
    env,
    stateDir,
    run: runToEnd,
    supervise: (spec) => house.startRedis(spec),
    holdLock: (lock) => house.holdLock(lock),
    say,
    signal,
  });
  const simulatorUrl = simulatorPort ? `http://127.0.0.1:${simulatorPort}` : undefined;
  const childEnv = childEnvironment(env, { secrets, port, redisUrl, stateDir, simulatorUrl });
  const baseUrl = `http://${reachableHost(env.HOST)}:${port}`;
  const worker = house.startApp(appSpec(root, 'worker', workerEnvironment(childEnv)));
  const api = house.startApp(appSpec(root, 'api', childEnv));
  await Promise.all([untilSays(worker, 'ready', signal), untilServes(api, baseUrl, clock, signal), simulatorReady]);
  return { env: childEnv, baseUrl, secrets, simulated };
}

async function demonstrate(
  { root, terminal, clock, signal }: StartDeps,
  { picturesDir }: StartOptions,
  running: Running,
) {
  const { env, baseUrl, simulated } = running;
  const apiKey = await clientKey(env);
  if (!simulated) terminal.line(`The demonstration against this upstream: ${estimateCost(catalogueOf(env))}.`);
  terminal.line('');
  const publicBaseUrl = (env.PUBLIC_BASE_URL ?? baseUrl).replace(/\/+$/, '');
  const result = await runDemonstration(
    {
      api: taskApi({ baseUrl, publicBaseUrl, apiKey, clock, signal }),
      board: progressBoard(terminal),
      clock,
      save: async (...picture) => relative(root, await savePicture(picturesDir, ...picture)),
      newKey: randomUUID,
      signal,
    },
    { simulated },
  );
  return result;
}

async function sayWhatToOpen(
  { env: given, terminal }: StartDeps,
  { once, stateDir, picturesDir }: StartOptions,
  { env, baseUrl, secrets }: Running,
  outcomes: readonly Outcome[],
): Promise<void> {
  const saved = outcomes.find((outcome) => outcome.saved.length > 0);
  if (once) {
    const good = outcomes.filter(({ ok }) => ok).length;
    const skipped = outcomes.filter((outcome) => outcome.skipped).length;
    const left = skipped > 0 ? `, ${skipped} left out` : '';
    terminal.line(`\n${good} of ${outcomes.length - skipped} tasks ended as expected${left}.`);
    if (saved) terminal.line(`The pictures are in ${picturesDir}`);
    return;
  }
  const ours = given.API_KEYS === undefined && !given.KEYS_FILE;
  const lines = whatToOpen({
    baseUrl,
    adminPassword: given.ADMIN_PASSWORD === undefined ? secrets.admin_password : undefined,
    secretsFile: join(stateDir, 'secrets.json'),
    // A given key is not written into what may be a log; a person at a terminal knows it anyway.
    apiKey: ours || terminal.interactive ? await clientKey(env) : undefined,
    model: saved?.model ?? enabledModels(catalogueOf(env)).keys().next().value ?? 'NanoBanana',
    picture: saved && { url: saved.saved[0]!.picture.url, dir: picturesDir },
  });
  for (const line of lines) terminal.line(line);
}
