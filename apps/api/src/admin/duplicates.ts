import { type Records, readDuplicates } from '@darkroom/shared/tasks';
import type { RequestHandler } from 'express';

/** `GET /admin/duplicates`: submissions that may have been paid for twice, with what that costs, the newest first. */
export function duplicatesRoute({ records }: { records: Records }): RequestHandler {
  return async (_req, res) => {
    res.json({ duplicates: await readDuplicates(records) });
  };
}
