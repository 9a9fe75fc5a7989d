import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Clock } from './clock.ts';
import { restartPauses } from './restartPause.ts';

/** What is started, and started again word for word. */
export interface ProcessSpec {
  name: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Opens an IPC channel, by which a Node child notices that its parent is gone. */
  channel?: boolean;
}

export interface SuperviseDeps {
  spawn: (spec: ProcessSpec) => ChildProcess;
  clock: Clock;
  /** Takes every line that the process writes. */
  onLine: (name: string, line: string) => void;
  /** Takes what the supervisor has to say about it. */
  say: (level: 'info' | 'warn', message: string) => void;
}

export interface Supervised {
  readonly name: string;
  /** undefined while it is down */
  readonly pid: number | undefined;
  /** Resolves with the first line that `matches`, of this life or a later one. */
  untilLine(matches: (line: string) => boolean): Promise<string>;
  /**
   * Waits for what shows that the process is up. From then on it is started again however it ends.
   * @throws CannotGoOn when it ends by itself before: what refuses its configuration would refuse it again
   */
  whenReady<T>(up: Promise<T>): Promise<T>;
  /** Ends it (SIGTERM, SIGKILL after `grace_ms`) and starts it at once. */
  restart(grace_ms: number): Promise<void>;
  /** Ends it for good. Resolves when it is gone. */
  stop(grace_ms: number): Promise<void>;
  /** SIGKILL, for good. */
  kill(): void;
}

/** Starts a process and keeps it up: whenever it ends it is started again after a growing pause, said aloud. */
export function supervise(spec: ProcessSpec, deps: SuperviseDeps): Supervised {
  const supervisor = new Supervisor(spec, deps);
  supervisor.start();
  return supervisor;
}

class Supervisor implements Supervised {
  readonly #spec: ProcessSpec;
  readonly #deps: SuperviseDeps;
  readonly #lines = new EventEmitter().setMaxListeners(0);
  readonly #pauses = restartPauses();
  readonly #brokenStart = Promise.withResolvers<never>();
  #child: ChildProcess | undefined;
  /** Resolves when the child of now is gone. */
  #gone = Promise.resolve();
  /** Takes back the start that is due after a pause. */
  #takeBack = () => {};
  #ready = false;
  #stopping = false;
  #restarting = false;

  constructor(spec: ProcessSpec, deps: SuperviseDeps) {
    this.#spec = spec;
    this.#deps = deps;
    // Nobody may be waiting for it to get ready when it breaks.
    this.#brokenStart.promise.catch(() => {});
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { spawn, clock } = this.#deps;
    const began_ms = clock.now_ms();
    const child = spawn(this.#spec);
    const gone = Promise.withResolvers<void>();
    this.#child = child;
    this.#gone = gone.promise;
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#read(stream);
    const ended = (how: string, itself: boolean) => {
      this.#child = undefined;
      gone.resolve();
      this.#startAgain(how, itself, clock.now_ms() - began_ms);
    };
    child.once('exit', (code, signal) => ended(signal ? `by ${signal}` : `with ${code}`, signal === null));
    child.on('error', (error) => {
      // Only a program that could not be started has no pid, and no 'exit'; others are of a kill or of the channel.
      if (child.pid === undefined) ended(error.message, true);
    });
  }

  #read(stream: NodeJS.ReadableStream): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#deps.onLine(this.name, line);
      this.#lines.emit('line', line);
    });
  }

  /** @param itself whether it ended of its own accord, not by a signal */
  #startAgain(how: string, itself: boolean, life_ms: number): void {
    if (this.#stopping) return;
    if (this.#restarting) {
      this.start();
      return;
    }
    if (!this.#ready && itself) {
      this.#stopping = true;
      this.#brokenStart.reject(new CannotGoOn(`${this.name} ended before it was ready (${how}); its reason is above.`));
      return;
    }
    const pause_ms = this.#pauses(life_ms);
    this.#deps.say('warn', `${this.name} ended (${how}); it is started again in ${pause_ms} ms`);
    this.#takeBack = this.#deps.clock.after(pause_ms, () => this.start());
  }

  untilLine(matches: (line: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const look = (line: string) => {
        if (!matches(line)) return;
        this.#lines.off('line', look);
        resolve(line);
      };
      this.#lines.on('line', look);
    });
  }

  async whenReady<T>(up: Promise<T>): Promise<T> {
    const result = await Promise.race([up, this.#brokenStart.promise]);
    this.#ready = true;
    return result;
  }

  async restart(grace_ms: number): Promise<void> {
    if (this.#stopping || this.#restarting || !this.#child) return;
    this.#restarting = true;
    await this.#end(grace_ms);
    this.#restarting = false;
  }

  async stop(grace_ms: number): Promise<void> {
    this.#stopping = true;
    this.#takeBack();
    await this.#end(grace_ms);
  }

  kill(): void {
    this.#stopping = true;
    this.#takeBack();
    this.#child?.kill('SIGKILL');
  }

  async #end(grace_ms: number): Promise<void> {
    const { clock, say } = this.#deps;
    const dying = this.#child;
    if (!dying) return;
    const gone = this.#gone;
    const forget = clock.after(grace_ms, () => {
      say('warn', `${this.name} does not end; it is killed`);
      dying.kill('SIGKILL');
    });
    dying.kill('SIGTERM');
    await gone;
    forget();
  }
}
