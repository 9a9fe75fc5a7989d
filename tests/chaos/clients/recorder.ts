import { createHash } from 'node:crypto';
import type { PublicTask } from '@darkroom/shared/tasks';
import type { History } from '../history/history.ts';
import type { Call } from '../history/lines.ts';

type About = Pick<Call, 'process' | 'op'> & Partial<Pick<Call, 'order' | 'task_id' | 'batch_id' | 'idempotency_key'>>;
export type Outcome = { phase: 'ok' | 'fail' | 'info' } & Partial<
  Pick<Call, 'task_id' | 'batch_id' | 'http' | 'code' | 'seen'>
>;

/** Writes down every call of every client, from its sending to its answer. */
export function callRecorder(history: History) {
  let calls = 0;
  /** @param body  what is sent; its digest is written down */
  return async <T>(
    about: About,
    body: unknown,
    send: () => Promise<{ outcome: Outcome; value: T }>,
  ): Promise<{ outcome: Outcome; value?: T }> => {
    const line = { t: 'call', ...about, call: ++calls } as const;
    const body_hash = body === undefined ? undefined : digest(JSON.stringify(body));
    history.add({ ...line, body_hash, phase: 'invoke' });
    // What is not answered is not known to have failed.
    const result = await send().catch((error: Error) => ({ outcome: { phase: 'info', code: error.name } as Outcome }));
    history.add({ ...line, ...result.outcome });
    return result;
  };
}

export type RecordCall = ReturnType<typeof callRecorder>;

export const digest = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** What of a task a reader saw that must never go back. */
export const seenOf = (task: PublicTask): NonNullable<Call['seen']> => ({
  status: task.status,
  progress: Number.parseInt(task.progress, 10),
  actual: task.metadata.cost.actual,
  images: task.metadata.images.map(({ sha256 }) => sha256),
});
