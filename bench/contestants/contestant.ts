import type { StoreUsage } from '../usage/storeUsage.ts';

/** Whoever does the job: Darkroom, or a peer. */
export type Contestant = {
  name: string;
  how: string;
  /** it cannot keep a cap on tasks in flight */
  capless?: true;
  /** Starts an empty store and whatever takes tasks in; nothing works them off yet. */
  start(setting: Setting): Promise<Running>;
};

/** Under what a contestant works; the same for all in a round. */
export type Setting = {
  upstreamUrl: string;
  /** most tasks at once at the upstream */
  inFlight: number;
  /** pause before each query about a task, ms; the contestant's own way when left out */
  pollMs?: number;
  /** further variables of the processes, or arguments of the store, of a contestant that knows them */
  env?: Readonly<Record<string, string>>;
  redisArgs?: readonly string[];
};

/** A contestant that has been started. */
export type Running = {
  /** Adds one task, as a client's request would. @returns its id, once it is kept */
  add(prompt: string): Promise<string>;
  /** Starts a process that works tasks off. @returns its pid, once it does */
  startWorker(): Promise<number>;
  /** how many tasks have ended with a picture */
  finished(): Promise<number>;
  /** whether its result can be read by id, and its picture is there */
  hasPicture(id: string): Promise<boolean>;
  /** of the processes that work tasks off */
  workerPids(): readonly number[];
  /** of the process that takes tasks in, where it is one of the contestant's */
  apiPid: number | undefined;
  /** what the store has done, without what `finished` asked */
  store(): Promise<StoreUsage>;
  close(): Promise<void>;
};

/** The pause of a textbook poller, ms. */
export const textbookPollMs = 2000;
