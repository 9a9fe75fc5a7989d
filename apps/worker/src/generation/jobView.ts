import type { GenerationJob, GenerationProgress } from '@darkroom/shared/queues';
import type { Job } from 'bullmq';

/** What Bull Board shows of a job: a progress and a line per step. Losing a line harms nothing, so nothing waits for it. */
export type JobView = {
  log(line: string): Promise<void>;
  progress(progress: GenerationProgress): Promise<void>;
};

export function jobView(job: Job<GenerationJob>, now: () => number): JobView {
  const ignoring = async (write: Promise<unknown>) => {
    try {
      await write;
    } catch {
      // The job is gone or Redis is away: the record, not the board, is the truth.
    }
  };
  return {
    log: (line) => ignoring(job.log(`${new Date(now()).toISOString()} ${line}`)),
    progress: (progress) => ignoring(job.updateProgress(progress)),
  };
}
