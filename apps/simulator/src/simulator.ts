import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behaviour, standardBehaviour } from './behaviour/directives.ts';
import { checkBehaviour } from './behaviour/directiveText.ts';
import { createGallery, type PictureSize } from './pictures/gallery.ts';
import { type Model, nanoFamily } from './protocol/models.ts';
import { createGates, type Gate, type GateMatch, type GatePlace } from './records/gates.ts';
import { createLedger, type Submission } from './records/ledger.ts';
import { phaseAt } from './records/upstreamTask.ts';
import { findSubmissions, type SubmissionFilter, type UpstreamTaskView, viewTasks } from './records/views.ts';
import { createRouter } from './routes/router.ts';
import type { Upstream } from './upstream.ts';

export type {
  Behaviour,
  Gate,
  GateMatch,
  GatePlace,
  Model,
  PictureSize,
  Submission,
  SubmissionFilter,
  UpstreamTaskView,
};

export type SimulatorOptions = {
  /** API keys it accepts; default: `sk-simulator` alone. */
  keys?: readonly string[];
  /** Decides ids, durations and pictures; default: drawn, see `Simulator.seed`. */
  seed?: number;
  /** Where it starts to differ from an upstream without faults. */
  behaviour?: Partial<Behaviour>;
  /** What it sells; default: the whole Nano family. */
  models?: readonly Model[];
  /** Default `full`. */
  picture?: PictureSize;
  /** Whether the cancel route exists; default true. */
  supportsCancel?: boolean;
  /** Largest request body; default 64 MiB. */
  maxBodyBytes?: number;
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** Ms since the epoch; default `Date.now`. Delays that are played (`slow:`) run on real time. */
  now?: () => number;
  /** Told of every submission once it is answered. */
  onAnswered?: (submission: Submission) => void;
  /** Told of a defect of the simulator; by default it is thrown, and ends the process. */
  onBroken?: (error: unknown) => void;
};

export type Simulator = {
  /** Where it listens; '' before `listen`. */
  readonly url: string;
  readonly seed: number;
  /** Begins to listen; after a `close` again, with everything still known. @param port  0: any free one */
  listen(port?: number): Promise<string>;
  /** Opens all gates, destroys all connections and stops listening. */
  close(): Promise<void>;
  /** In order of arrival. */
  submissions(filter?: SubmissionFilter): readonly Submission[];
  /** Queries that arrived for a task; 0 for one it does not know. */
  pollsOf(upstreamTaskId: string): number;
  /** Downloads of any of the task's pictures that arrived; 0 for a task it does not know. */
  downloadsOf(upstreamTaskId: string): number;
  tasks(): readonly UpstreamTaskView[];
  /** The pictures of a task as its result URLs serve them; none of one that did not succeed. */
  drawn(upstreamTaskId: string): Promise<Buffer[]>;
  /** Holds requests from now on: 'submit' before anything is accepted, 'submit_answer' after the task exists. */
  gate(at: GatePlace, match?: GateMatch): Gate;
  /** Resolves once `check` is true, looking again at every recorded event. @throws Error after 30 s */
  until(check: () => boolean | undefined): Promise<void>;
  /** Changes the global behaviour, for tasks in flight too where it was not drawn at their start. @throws RangeError */
  set(behaviour: Partial<Behaviour>): void;
};

/** Longer than any client keeps an idle connection, so that it is never ours that closes under a request. */
const keepAliveMs = 120_000;

/** Makes a stand-in upstream; it does nothing before `listen`. @throws RangeError for a behaviour no directive takes */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const upstream = assemble(options);
  const { ledger, gates, now } = upstream;
  const router = createRouter(upstream);
  let server: Server | undefined;
  let url = '';

  return {
    get url() {
      return url;
    },
    seed: upstream.seed,
    async listen(port = 0) {
      const host = options.host ?? '127.0.0.1';
      const starting = createServer({ keepAliveTimeout: keepAliveMs }, router);
      await new Promise<void>((resolve, reject) => {
        starting.once('error', reject);
        starting.listen(port, host, resolve);
      });
      server = starting;
      url = `http://${host}:${(starting.address() as AddressInfo).port}`;
      return url;
    },
    async close() {
      const closing = server;
      server = undefined;
      gates.openAll();
      if (!closing) return;
      const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
      closing.closeAllConnections();
      await closed;
    },
    submissions: (filter) => findSubmissions(ledger, filter),
    pollsOf: (id) => ledger.tasks.get(id)?.polls ?? 0,
    downloadsOf: (id) => ledger.tasks.get(id)?.downloads ?? 0,
    tasks: () => viewTasks(ledger, now()),
    async drawn(id) {
      const task = ledger.tasks.get(id);
      if (!task || phaseAt(task, now()).phase !== 'succeeded') return [];
      return Promise.all(Array.from({ length: task.order.n }, (_, index) => upstream.gallery.picture(task, index)));
    },
    gate: (at, match = {}) => gates.close(at, match),
    until: ledger.until,
    set: upstream.set,
  };
}

function assemble(options: SimulatorOptions): Upstream {
  const seed = options.seed ?? randomInt(2 ** 31);
  const ledger = createLedger();
  const { behaviourOf, set } = createBehaviour(options.behaviour ?? {});
  return {
    seed,
    now: options.now ?? Date.now,
    keys: new Map((options.keys ?? ['sk-simulator']).map((key, index) => [key, index])),
    models: new Map((options.models ?? nanoFamily()).map((model) => [model.id, model])),
    supportsCancel: options.supportsCancel ?? true,
    maxBodyBytes: options.maxBodyBytes ?? 64 * 1024 * 1024,
    ledger,
    gates: createGates(ledger.changed),
    gallery: createGallery({ seed, size: options.picture ?? 'full' }),
    behaviourOf,
    set,
    answered(submission) {
      ledger.changed();
      options.onAnswered?.(submission);
    },
    broken:
      options.onBroken ??
      ((error) => {
        queueMicrotask(() => {
          throw error;
        });
      }),
  };
}

/** The global behaviour, and its merge with a task's own, which is made once per task and change of the global one. */
function createBehaviour(start: Partial<Behaviour>): Pick<Upstream, 'behaviourOf' | 'set'> {
  let global: Behaviour = { ...standardBehaviour(), ...checkBehaviour(start) };
  let merged = new WeakMap<Partial<Behaviour>, Behaviour>();
  return {
    behaviourOf(own) {
      if (Object.keys(own).length === 0) return global;
      const known = merged.get(own);
      if (known) return known;
      const behaviour = { ...global, ...own };
      merged.set(own, behaviour);
      return behaviour;
    },
    set(change) {
      global = { ...global, ...checkBehaviour(change) };
      merged = new WeakMap();
    },
  };
}
