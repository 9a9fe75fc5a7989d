import { createHash, randomBytes } from 'node:crypto';

const length = 26;
const alphabetSize = 36n;

/** A task's public id: `task_` and 26 characters of `[0-9a-z]` (134 bits). */
export type TaskId = `task_${string}`;

export const taskIdPattern = /^task_[0-9a-z]{26}$/;

export function isTaskId(text: string): text is TaskId {
  return taskIdPattern.test(text);
}

export function newTaskId(): TaskId {
  return idOf(randomBytes(32));
}

/**
 * The id of the task that an idempotency key stands for. Derived, not looked up: even a Redis that lost its last
 * seconds gives the repeat the same task, and the upstream the same submission key.
 * @param keyId  id of the API key; keys of different clients never meet
 */
export function taskIdFor(keyId: string, idempotencyKey: string): TaskId {
  return idOf(createHash('sha256').update(`${keyId}\n${idempotencyKey}`).digest());
}

/** The BullMQ job that carries a part; adding it twice is adding it once. */
export const jobIdOf = (taskId: TaskId, part: number) => `${taskId}-${part}`;

/** The key under which the upstream sees attempt `attempt` of a part, however often it is posted. */
export const submissionKeyOf = (taskId: TaskId, part: number, attempt: number) => `${taskId}-${part}-${attempt}`;

function idOf(bytes: Buffer): TaskId {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < length; i++) {
    text += Number(rest % alphabetSize).toString(36);
    rest /= alphabetSize;
  }
  return `task_${text}`;
}
