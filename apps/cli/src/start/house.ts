import type { FolderLock } from '../processes/folderLock.ts';
import type { ProcessSpec, Supervised } from '../processes/supervise.ts';

/** The API serves 5 s more and the worker hands its jobs back within 5 s; who needs longer hangs. */
const grace_ms = 8000;

/** Saving what is being edited must not take the time of a proper goodbye; a killed worker's tasks are taken over. */
const watchGrace_ms = 2000;

/** The children of one start, and the order in which they end. */
export class House {
  readonly #supervise: (spec: ProcessSpec) => Supervised;
  readonly #apps = new Map<string, Supervised>();
  #redis: Supervised | undefined;
  #lock: FolderLock | undefined;

  constructor(supervise: (spec: ProcessSpec) => Supervised) {
    this.#supervise = supervise;
  }

  startApp(spec: ProcessSpec): Supervised {
    const app = this.#supervise(spec);
    this.#apps.set(spec.name, app);
    return app;
  }

  startRedis(spec: ProcessSpec): Supervised {
    this.#redis = this.#supervise(spec);
    return this.#redis;
  }

  /** Keeps a lock for as long as the Redis behind it may run. */
  holdLock(lock: FolderLock): void {
    this.#lock = lock;
  }

  /** Starts those again whose sources changed; 'every' stands for all. */
  async restart(owners: ReadonlySet<string>): Promise<void> {
    const apps = [...this.#apps.values()].filter(({ name }) => owners.has('every') || owners.has(name));
    await Promise.all(apps.map((app) => app.restart(watchGrace_ms)));
  }

  /** Ends all: first those that use the simulator, then it, Redis last. */
  async stop(): Promise<void> {
    const users = [...this.#apps.values()].filter(({ name }) => name !== 'simulator');
    await Promise.all(users.map((app) => app.stop(grace_ms)));
    await this.#apps.get('simulator')?.stop(grace_ms);
    await this.#redis?.stop(grace_ms);
    await this.#lock?.release();
  }

  /** SIGKILL to all that is left. */
  kill(): void {
    for (const app of [...this.#apps.values(), this.#redis]) app?.kill();
  }
}
