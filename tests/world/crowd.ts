import type { PublicTask } from '@darkroom/shared/tasks';
import { expect } from 'vitest';
import { awaited } from './awaited.ts';
import type { World } from './world.ts';

/** Submits many tasks at once. @param directives  of the simulator, for each of them */
export function submitCrowd(world: World, count: number, name: string, directives = ''): Promise<PublicTask[]> {
  const prompts = Array.from({ length: count }, (_, i) => `${name} ${i} [[sim: ${directives}]]`);
  return Promise.all(prompts.map((prompt) => world.client.submit({ model: 'NanoBanana', prompt })));
}

/** Resolves when the API takes requests again after an absence of Redis. */
export const ready = (world: World) => awaited(async () => (await fetch(`${world.api.url}/readyz`)).status === 200);

/** Waits for every task's end and expects each to have succeeded at its first attempt. @returns them as they ended */
export async function allSucceed(world: World, tasks: readonly PublicTask[]): Promise<PublicTask[]> {
  const ended = await Promise.all(tasks.map(({ task_id }) => world.client.finished(task_id)));
  const others = ended.filter(({ status, metadata }) => status !== 'succeeded' || metadata.attempts !== 1);
  expect(others).toEqual([]);
  return ended;
}

/** Submissions of a task that the upstream took in. */
export function acceptedOf(world: World, taskId: string): number {
  const ours = (key: string | null | undefined) => key?.startsWith(`${taskId}-`);
  return world.upstream.submissions().filter((s) => ours(s.idempotencyKey) && s.status === 200).length;
}

/** Expects that each task was submitted once, and that none says it may have been submitted twice. */
export function submittedOnce(world: World, tasks: readonly PublicTask[]): void {
  expect(tasks.filter(({ task_id }) => acceptedOf(world, task_id) !== 1).map(({ task_id }) => task_id)).toEqual([]);
  expect(tasks.filter(({ metadata }) => metadata.possibly_duplicated).map(({ task_id }) => task_id)).toEqual([]);
}

/** Expects that no task was submitted twice without saying so. */
export function doublesAreMarked(world: World, tasks: readonly PublicTask[]): void {
  const doubled = tasks.filter(({ task_id }) => acceptedOf(world, task_id) > 1);
  expect(doubled.filter(({ metadata }) => !metadata.possibly_duplicated)).toEqual([]);
}
