import { type RedisClient, script } from '../redis/index.ts';
import { type GenerationProgress, type GenerationQueue, logLinesMax } from './generation.ts';

const run = script(new URL('./lua/showJob.lua', import.meta.url), {
  keys: ['job', 'logs'],
  args: ['progress', 'lines', 'keep'],
  returns: ['shown', 'missing'],
});

/** What is new to see of a job. */
export type JobNews = { progress?: GenerationProgress; lines: readonly string[] };

/**
 * Shows on Bull Board how far a job is. A job that is gone is left so.
 * @throws when Redis does not answer or refuses writes
 */
export async function showJob(
  redis: RedisClient,
  queue: GenerationQueue,
  jobId: string,
  { progress, lines }: JobNews,
): Promise<void> {
  await run(
    redis,
    { job: queue.toKey(jobId), logs: queue.toKey(`${jobId}:logs`) },
    { progress: progress ? JSON.stringify(progress) : '', lines: JSON.stringify(lines), keep: logLinesMax },
  );
}
