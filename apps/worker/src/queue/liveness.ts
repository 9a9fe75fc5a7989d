/** What a watcher must know of a worker. */
export type Watched = {
  /** how often the worker has come back from asking the queue, with a job or without */
  fetches(): number;
  /** whether it has all the jobs it may have, and so asks for none */
  isFull(): boolean;
  /** resolves when Redis answers on another connection */
  ping(): Promise<unknown>;
};

/** A worker that has asked for nothing in so many looks in a row, while Redis answered, is wedged. */
const looksMax = 12;
const lookEveryMs = 5000;

/**
 * Watches that a worker goes on asking its queue. After a reconnect a blocking read can be lost for good while pings
 * pass; an idle worker asks every 5 s, so one that has not asked in a minute, and could, never will. Looks are counted,
 * not time: a process that was frozen is not wedged, and while Redis is away nothing is judged.
 * @param onWedged  told once; the process should end, for its supervisor to start another
 * @returns a function that ends the watch
 */
export function watchLiveness(worker: Watched, onWedged: () => void): () => void {
  let seen = worker.fetches();
  let idleLooks = 0;
  const timer = setInterval(async () => {
    const redisAnswers = await worker.ping().then(
      () => true,
      () => false,
    );
    const fetches = worker.fetches();
    idleLooks = redisAnswers && !worker.isFull() && fetches === seen ? idleLooks + 1 : 0;
    seen = fetches;
    if (idleLooks < looksMax) return;
    clearInterval(timer);
    onWedged();
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
