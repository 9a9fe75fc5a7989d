import type { Catalogue } from '../channels/index.ts';
import type { TaskRequest } from '../dialects/index.ts';
import type { ClientKey } from '../keys/index.ts';
import type { NewTask, TaskId } from '../tasks/index.ts';
import type { Admitted } from './admit.ts';

type NewTaskDeps = {
  catalogue: Catalogue;
  limits: { deadline_seconds: number };
  /** ms since the epoch */
  now: () => number;
};

/** What a task is made of. */
type Parts = {
  id: TaskId;
  client: Pick<ClientKey, 'id' | 'weight'>;
  request: TaskRequest;
  fingerprint: string;
  admitted: Admitted;
  inputs: NewTask['request']['inputs'];
  batch: NewTask['batch'];
  placed: true | undefined;
  doubtful: true | undefined;
};

/** The task that a request becomes, from now on. */
export function newTask(
  deps: NewTaskDeps,
  { id, client, request, fingerprint, admitted, inputs, batch, placed, doubtful }: Parts,
): NewTask {
  const now = deps.now();
  const { model, prompt, task_type, aspect_ratio, output_format, n } = request;
  return {
    id,
    key_id: client.id,
    weight: client.weight === 1 ? undefined : client.weight,
    channel: admitted.channel,
    fingerprint,
    request: { model, prompt, task_type, inputs, aspect_ratio, output_format, n },
    labels: request.labels,
    priority: request.priority,
    webhook: request.webhook ?? undefined,
    unit_price: admitted.unit_price,
    currency: deps.catalogue.currency,
    batch,
    placed,
    doubtful,
    part_sizes: admitted.part_sizes,
    created_at_ms: now,
    deadline_at_ms: now + Math.round((request.deadline_seconds ?? deps.limits.deadline_seconds) * 1000),
  };
}
