import type { UpstreamTask } from '../records/upstreamTask.ts';

const pattern = /^(ut_[0-9a-f]+)-(\d+)(?:-([0-9a-z]+))?\.(?:png|jpeg|webp)$/;

/** What a result's file name says. `issuedAt`: ms of the simulator's clock, or null for a URL that does not expire. */
export type ResultName = { taskId: string; index: number; issuedAt: number | null };

/** The URL of one picture. Everything is in the name, so that nothing needs to be remembered per URL. */
export function resultUrl(base: string, task: UpstreamTask, index: number, issuedAt: number | null): string {
  const issued = issuedAt === null ? '' : `-${Math.floor(issuedAt).toString(36)}`;
  return `${base}/results/${task.id}-${index}${issued}.${task.order.outputFormat}`;
}

/** @returns what the file name says, or undefined when it is none of ours */
export function readResultName(name: string): ResultName | undefined {
  const found = pattern.exec(name);
  if (!found) return undefined;
  const [, taskId, index, issued] = found;
  return { taskId: taskId!, index: Number(index), issuedAt: issued === undefined ? null : Number.parseInt(issued, 36) };
}
