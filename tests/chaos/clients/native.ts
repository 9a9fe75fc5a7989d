import { setTimeout as pause } from 'node:timers/promises';
import type { PublicTask } from '@darkroom/shared/tasks';
import type { Chance } from '../../simulation/chance.ts';
import type { House } from '../house/house.ts';
import type { Order } from './orders.ts';
import { type Outcome, type RecordCall, seenOf } from './recorder.ts';

export type ClientDeps = { house: House; record: RecordCall; chance: Chance; isOver: () => boolean; hooks: string };

/** Longest a client waits for one answer. */
const answerMs = 8000;

/** Pause before a client asks again after something went wrong. */
const againMs = 300;

/** A client of the native entry: submits, and sees it through, whichever API process lives. */
export async function runNative(deps: ClientDeps, order: Order): Promise<void> {
  const idempotency_key = order.number % 3 === 0 ? undefined : `order-${order.number}`;
  const id = await create(deps, order, idempotency_key);
  if (id === undefined) return;
  if (order.habit === 'cancels') {
    await pause(deps.chance.below(2500));
    await call(deps, order, { op: 'cancel', path: `/v1/images/tasks/${id}/cancel`, method: 'POST', task_id: id });
  }
  if (order.habit === 'hangs_up') await hangUp(deps, order, id);
  if (order.habit === 'repeats' && idempotency_key) await create(deps, order, idempotency_key);
  while (!deps.isOver()) {
    const path = `/v1/images/tasks/${id}?wait=5`;
    const { outcome, value } = await call(deps, order, { op: 'query', path, method: 'GET', task_id: id });
    if (value && !['queued', 'in_progress'].includes(value.status)) return;
    // A client whose key was taken away sees nothing more; its task ends all the same. One that Redis has forgotten is gone.
    if (outcome.http === 401 || outcome.http === 404) return;
    if (outcome.phase !== 'ok') await pause(againMs);
  }
}

/** @returns the task's id, or undefined where it is unknown whether there is one, or it was refused */
async function create(deps: ClientDeps, order: Order, key: string | undefined): Promise<string | undefined> {
  const { prompt, model, n, deadline_seconds } = order;
  const hook = order.who === 'bob' ? { webhook_url: deps.hooks } : {};
  const body = { model, prompt, n, ...(deadline_seconds && { deadline_seconds }), ...hook };
  while (!deps.isOver()) {
    const { outcome, value } = await call(deps, order, {
      ...{ op: 'create', path: '/v1/images/tasks', method: 'POST', body },
      idempotency_key: key,
    });
    if (value) return value.task_id;
    if (outcome.http === 401 || outcome.http === 400 || outcome.http === 422) return undefined;
    // Without a key a repeat might be a second task: only what was surely refused is sent again.
    if (key === undefined && outcome.phase === 'info') return undefined;
    await pause(againMs);
  }
  return undefined;
}

type Wanted = {
  op: 'create' | 'query' | 'cancel';
  method: string;
  path: string;
  body?: object;
  task_id?: string;
  idempotency_key?: string | undefined;
};

async function call(deps: ClientDeps, order: Order, wanted: Wanted) {
  const { house, record, chance } = deps;
  const { op, task_id, idempotency_key, body } = wanted;
  const about = { process: `native-${order.number}`, op, order: order.number, task_id, idempotency_key };
  return record<PublicTask | undefined>(about, body, async () => {
    const response = await fetch(house.urls[chance.below(house.urls.length)] + wanted.path, {
      method: wanted.method,
      headers: {
        authorization: `Bearer ${house.keys[order.who]}`,
        'content-type': 'application/json',
        ...(idempotency_key && { 'idempotency-key': idempotency_key }),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
    const text = await response.text();
    const answer = parsed(text);
    if (!answer)
      return {
        outcome: { phase: 'info', http: response.status, code: `no JSON: ${text.slice(0, 100)}` },
        value: undefined,
      };
    const task = response.ok ? (answer.data ?? undefined) : undefined;
    const outcome: Outcome = { phase: task ? 'ok' : 'fail', http: response.status, code: answer.code };
    return task
      ? { outcome: { ...outcome, task_id: task.task_id, seen: seenOf(task) }, value: task }
      : { outcome, value: undefined };
  });
}

function parsed(text: string): { code: string; data: PublicTask | null } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits for the task, and goes away in the middle of it. */
async function hangUp({ house, chance }: ClientDeps, order: Order, id: string): Promise<void> {
  const url = `${house.urls[chance.below(house.urls.length)]}/v1/images/tasks/${id}?wait=20`;
  const headers = { authorization: `Bearer ${house.keys[order.who]}` };
  await fetch(url, { headers, signal: AbortSignal.timeout(50 + chance.below(500)) }).catch(() => undefined);
}
