import type { Batch, BatchStatus } from './batchRecord.ts';

/** A status comes after all those of a lower rank, and is never left for one. */
const ranks: Record<BatchStatus, number> = {
  validating: 0,
  in_progress: 1,
  finalizing: 2,
  cancelling: 2,
  completed: 3,
  failed: 3,
  expired: 3,
  cancelled: 3,
};

/**
 * Names how far a batch has come: another one at every change of its status and at the end of every line, in order.
 * Images and cost change with the lines alone.
 */
export const progressId = ({ status, completed, failed }: Pick<Batch, 'status' | 'completed' | 'failed'>): string =>
  `${ranks[status]}-${completed + failed}`;
