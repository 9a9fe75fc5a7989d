/**
 * A peer: the same job built on another library, as its documentation advises. Its program (`worker.ts` beside it) works
 * the tasks off in a process of its own; this is how they get in and their results come out.
 */
export type Peer = {
  name: string;
  /** one sentence: how it waits for a picture */
  how: string;
  /** it cannot keep a cap on tasks in flight: its tasks do not wait for each other */
  capless?: true;
  store: 'redis' | 'postgres';
  /** of the worker's `main` */
  program: URL;
  /** Connects to an empty store and prepares it. */
  open(storeUrl: string): Promise<PeerClient>;
};

export type PeerClient = {
  /** Adds one task, as a request would. @returns its id, once it is kept */
  add(task: PeerTask): Promise<string>;
  /** how many tasks have ended with a picture */
  finished(): Promise<number>;
  /** @returns the name of its picture in storage; undefined when it has none */
  pictureOf(id: string): Promise<string | undefined>;
  close(): Promise<void>;
};

export type PeerTask = { prompt: string };
