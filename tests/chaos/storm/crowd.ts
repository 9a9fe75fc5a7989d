import { setTimeout as pause } from 'node:timers/promises';
import { type BatchEnd, runFileBatch, runNativeBatch } from '../clients/batches.ts';
import { type ClientDeps, runNative } from '../clients/native.ts';
import { drawLines, drawOrders } from '../clients/orders.ts';
import { runGemini, runOpenai } from '../clients/sdks.ts';

const runners = { native: runNative, openai: runOpenai, gemini: runGemini } as const;

/** Lines of a batch, for so many orders of the storm. */
const perLine = 12;

/** Lines of one at most: a storm waits for its end. */
const linesMost = 100;

/** Lines of a batch that begins because none runs. */
const linesMore = 6;

/** Unfinished clients that further orders are not added to. */
const busyWith = 60;

export type Crowd = {
  /** lets so many of the storm's orders begin, all told */
  release(count: number): void;
  /** lets one more begin than was planned, while there are few, and a batch when none runs */
  more(): void;
  /** whether a client still waits for what it wanted */
  isBusy(): boolean;
  /** resolves when every client has what it wanted, or has given up */
  done(): Promise<BatchEnd[]>;
};

/** Clients that begin when their order is released, and two batches that run all through the storm. */
export function startCrowd(deps: ClientDeps, count: number): Crowd {
  const orders = drawOrders(deps.chance);
  const running: Promise<void>[] = [];
  let released = 0;
  let busy = 0;
  const next = () => {
    const order = orders.next().value;
    const run = runners[order.entry];
    busy++;
    const client = pause(deps.chance.below(600)).then(() => run(deps, order));
    running.push(client.finally(() => busy--));
  };
  const lines = Math.min(linesMost, Math.max(4, Math.floor(count / perLine)));
  const batches: Promise<BatchEnd>[] = [];
  let runningBatches = 0;
  const begin = (run: typeof runFileBatch, size: number) => {
    const own = drawLines(deps.chance, batches.length, size);
    const lost = { id: '', status: 'not_run', total: 0, completed: 0, failed: 0, answered: [], wanted: ['all'] };
    runningBatches++;
    const ended = run(deps, own).catch(() => lost);
    batches.push(ended.finally(() => runningBatches--));
  };
  begin(runFileBatch, lines);
  begin(runNativeBatch, lines);
  return {
    release(wanted) {
      for (; released < wanted; released++) next();
    },
    more() {
      if (busy < busyWith) next();
      if (runningBatches === 0) begin(runNativeBatch, linesMore);
    },
    isBusy: () => busy > 0 || runningBatches > 0,
    async done() {
      // More may begin while others end.
      for (let seen = -1; seen !== running.length; ) {
        seen = running.length;
        await Promise.all(running);
      }
      return await Promise.all(batches);
    },
  };
}
