import { type BatchId, readBatch } from '@darkroom/shared/batches';
import { type DispatchDeps, dispatch } from '@darkroom/shared/webhooks';

/** Tells of a batch's end. */
export function batchEnds(deps: DispatchDeps): (id: BatchId) => Promise<void> {
  return async (id) => {
    const batch = await readBatch(deps.records, id);
    if (!batch) return;
    const { key_id, webhook } = batch;
    const receiver = webhook && { ...webhook, events: null };
    await dispatch(deps, { key_id, event: 'batch.completed', subject: id, receiver });
  };
}
