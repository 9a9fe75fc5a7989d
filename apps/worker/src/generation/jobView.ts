import type { GenerationProgress, JobNews } from '@darkroom/shared/queues';

/** What Bull Board shows of a job: a progress and a line per step. Losing a line harms nothing. */
export type JobView = {
  /** Notes a line; it is shown with the next progress, before a wait, or when the work on the job ends. */
  log(line: string): void;
  progress(progress: GenerationProgress): Promise<void>;
  /** Shows the lines that were noted since. */
  flush(): Promise<void>;
};

/** @param show  writes what is new to see */
export function jobView(show: (news: JobNews) => Promise<void>, now: () => number): JobView {
  let lines: string[] = [];
  const write = async (progress?: GenerationProgress) => {
    const news = { ...(progress && { progress }), lines };
    lines = [];
    try {
      await show(news);
    } catch {
      // Redis is away: the record, not the board, is the truth.
    }
  };
  return {
    log: (line) => void lines.push(`${new Date(now()).toISOString()} ${line}`),
    progress: write,
    flush: async () => {
      if (lines.length > 0) await write();
    },
  };
}
