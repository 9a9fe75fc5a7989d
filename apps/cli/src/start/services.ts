import { join } from 'node:path';
import { request } from 'undici';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Clock } from '../processes/clock.ts';
import type { ProcessSpec, Supervised } from '../processes/supervise.ts';
import type { Environment } from './environment.ts';

/** From a start on a cold disk to its first answer a process needs a few seconds; a minute means that it hangs. */
const ready_ms = 60_000;

/** A look at /readyz that takes longer is given up; the answer itself is promised within 2 s. */
const answer_ms = 5000;

/** Between two looks at /readyz, in ms. */
const look_ms = 50;

/** Node's own notices of how it runs our sources are no news to whoever starts the product. */
const flags = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  import.meta.resolve('../processes/endWithParent.ts'),
];

/** How one of the apps of the workspace at `root` is started: `node apps/<name>/src/main.ts`. */
export function appSpec(root: string, name: 'api' | 'worker' | 'simulator', env: Environment): ProcessSpec {
  const main = join(root, 'apps', name, 'src', 'main.ts');
  return { name, command: process.execPath, args: [...flags, main], env, channel: true };
}

/** Waits until the process says `message`. @throws CannotGoOn when it ends before, or after a minute without a word */
export async function untilSays(app: Supervised, message: string, signal: AbortSignal): Promise<void> {
  const said = app.untilLine((line) => line.startsWith('{') && messageOf(line) === message);
  await app.whenReady(bounded(said, signal, `${app.name} does not get ready: it never said "${message}"`));
}

/** Waits until the API at `baseUrl` is ready to serve. @throws CannotGoOn as `untilSays`, with its last answer */
export async function untilServes(app: Supervised, baseUrl: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const until_ms = clock.now_ms() + ready_ms;
  const serves = async () => {
    let answer = 'nothing';
    while (clock.now_ms() < until_ms) {
      try {
        const { statusCode, body } = await request(`${baseUrl}/readyz`, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(answer_ms)]),
        });
        answer = `${statusCode} ${(await body.text()).slice(0, 500)}`;
        if (statusCode === 200) return;
      } catch (error) {
        signal.throwIfAborted();
        answer = (error as Error).message;
      }
      await clock.pause(look_ms, signal);
    }
    throw new CannotGoOn(`${app.name} does not get ready; ${baseUrl}/readyz answers: ${answer}`);
  };
  await app.whenReady(serves());
}

async function bounded(said: Promise<unknown>, signal: AbortSignal, complaint: string): Promise<void> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ready_ms)]);
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.aborted ? signal.reason : new CannotGoOn(`${complaint} within a minute.`));
  if (late.aborted) end();
  late.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([said, ended.promise]);
  } finally {
    late.removeEventListener('abort', end);
  }
}

function messageOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { msg?: unknown }).msg;
  } catch {
    return undefined;
  }
}
