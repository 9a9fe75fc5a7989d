/** What a watcher must know of a worker. */
export type Watched = {
  /** how often the worker has come back from asking the queue, with a job or without; undefined where nobody counts it */
  fetches?: () => number;
  /** how many jobs it has started */
  starts: () => number;
  /** whether it has all the jobs it may have, and so asks for none */
  isFull: () => boolean;
  /** whether a job waits that it may start; rejects while Redis does not answer */
  couldStart: () => Promise<boolean>;
};

/** A worker that was without progress in so many looks in a row, while Redis answered, is wedged. */
const looksMax = 12;
const lookEveryMs = 5000;

/**
 * Watches that a worker makes progress: that it goes on asking its queue, and that it starts jobs while some wait that
 * it may start. After a reconnect a blocking read can be lost for good while pings pass; an idle worker asks every 5 s,
 * so one that has not asked in a minute, and could, never will. Looks are counted, not time: a process that was frozen is
 * not wedged, and while Redis is away nothing is judged.
 * @param onWedged  told once; the process should end, for its supervisor to start another
 * @returns a function that ends the watch
 */
export function watchLiveness(worker: Watched, onWedged: () => void): () => void {
  let seen = { fetches: worker.fetches?.(), starts: worker.starts() };
  let idleLooks = 0;
  const look = async () => {
    // A question to Redis either way: no answer, no judgement.
    const couldStart = await worker.couldStart().catch(() => undefined);
    const now = { fetches: worker.fetches?.(), starts: worker.starts() };
    const asksNoMore = now.fetches !== undefined && now.fetches === seen.fetches;
    const startsNoMore = couldStart === true && now.starts === seen.starts;
    const isIdle = couldStart !== undefined && !worker.isFull() && (asksNoMore || startsNoMore);
    idleLooks = isIdle ? idleLooks + 1 : 0;
    seen = now;
    if (idleLooks < looksMax) return;
    clearInterval(timer);
    onWedged();
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
