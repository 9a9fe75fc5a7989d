import type { JobsOptions, Queue } from 'bullmq';
import { z } from 'zod';
import type { KeyNames, RedisClient } from '../redis/index.ts';
import { jobIdOf, type TaskId, taskIdPattern } from '../tasks/index.ts';
import { type Band, drawPriorities } from './fairness.ts';
import { openQueue } from './openQueue.ts';

/**
 * What a generation job carries: ids, and the little that a person looking at Bull Board needs to see. The task's
 * record is the truth; no prompt, key or picture ever stands in a job.
 */
export const GenerationJob = z.object({
  v: z.literal(1),
  task_id: z.string().regex(taskIdPattern),
  part: z.number().int().min(0),
  model: z.string(),
  n: z.number().int(),
});
export type GenerationJob = z.infer<typeof GenerationJob>;

/** How far a job is, for Bull Board. */
export type GenerationProgress = {
  percent: number;
  state: string;
  attempt: number;
  upstream_task_id: string | null;
};

export type GenerationQueue = Queue<GenerationJob>;

export const generationQueueName = (channelId: string) => `generation.${channelId}`;

/** Log lines of a job that Bull Board shows, the newest: a part that is tried for hours has one a try. */
export const logLinesMax = 40;

/**
 * How a generation job is kept. Attempts are ours (design: a job that throws met a fault of Redis or of ours, and is
 * taken up again until its task's deadline); a few thousand ended jobs stay for Bull Board.
 */
const jobOptions = {
  attempts: 1_000_000,
  backoff: { type: 'fixed', delay: 5000, jitter: 0.5 },
  removeOnComplete: { age: 24 * 3600, count: 2000 },
  removeOnFail: { age: 7 * 24 * 3600, count: 5000 },
  keepLogs: logLinesMax,
  stackTraceLimit: 3,
} as const satisfies JobsOptions;

/** Opens a channel's queue on a connection that its owner closes. */
export function generationQueue(channelId: string, redis: RedisClient, keys: KeyNames): GenerationQueue {
  return openQueue(generationQueueName(channelId), redis, keys.queuePrefix(channelId));
}

/** What the jobs of a task are made of. */
export type NewJobs = {
  id: TaskId;
  key_id: string;
  /** share of its API key among those of the same priority; 1 when left out */
  weight?: number;
  priority: Band;
  model: string;
  part_sizes: number[];
  /** the one part whose job is added; all when left out */
  only?: number;
};

/**
 * Adds a job for every part of a task, each at its API key's turn. Adding the same task again adds nothing.
 * @throws when Redis does not answer or refuses writes
 */
export async function addGenerationJobs(redis: RedisClient, queue: GenerationQueue, task: NewJobs): Promise<void> {
  const parts = [...task.part_sizes.entries()].filter(([part]) => task.only === undefined || task.only === part);
  const payer = { key_id: task.key_id, weight: task.weight ?? 1 };
  const priorities = await drawPriorities(redis, queue, task.priority, payer, parts.length);
  const jobs = parts.map(([part, n], i) => ({
    name: task.model,
    data: { v: 1 as const, task_id: task.id, part, model: task.model, n },
    opts: { ...jobOptions, jobId: jobIdOf(task.id, part), priority: priorities[i]! },
  }));
  const [first] = jobs;
  if (jobs.length === 1) await queue.add(first!.name, first!.data, first!.opts);
  else await queue.addBulk(jobs);
}

/**
 * Removes what stands in any queue of a task that has ended: should a task of the same id be made again, the remains of
 * a job would keep its own from being added.
 */
export async function removeGenerationJobs(
  queues: Iterable<GenerationQueue>,
  { id, parts }: { id: TaskId; parts: readonly unknown[] },
): Promise<void> {
  for (const queue of queues) for (const part of parts.keys()) await queue.remove(jobIdOf(id, part));
}
