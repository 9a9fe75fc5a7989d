import { bands, pullStragglers as pullIn } from '@darkroom/shared/queues';
import type { Repairs, UpkeepDeps } from './deps.ts';

/** Looks for jobs that a shift of their band has left behind everybody, and puts them at its head. */
export async function pullStragglers({ records, queues }: UpkeepDeps): Promise<Repairs> {
  let jobs_pulled = 0;
  for (const queue of queues.values()) {
    for (const band of bands) jobs_pulled += await pullIn(records.redis, queue, band);
  }
  return { jobs_pulled };
}
