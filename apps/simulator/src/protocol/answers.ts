import type { Behaviour } from '../behaviour/directives.ts';
import { type Phase, type Place, phaseAt, type UpstreamTask } from '../records/upstreamTask.ts';
import { statusWords } from './statusWords.ts';

/** The pictures of a task, in the order of their index, as the query may show them. */
export type Shown = { urls: string[] } | { base64: string[]; mediaType: string };

/** The body that answers a submission that made (or repeated) this task: always queued, how it goes tells the query. */
export function submissionBody(task: UpstreamTask, behaviour: Behaviour): object {
  const { envelope } = behaviour;
  const named = envelope === 'data.id' || envelope === 'id' ? 'id' : 'task_id';
  const data = { [named]: task.id, ...withoutId(taskData(task, behaviour, { phase: 'queued', share: 0 }, null)) };
  return envelope === 'flat' || envelope === 'id' ? data : success(data);
}

/** The body that answers a query. `shown`: the pictures, or null before they are there. */
export function queryBody(task: UpstreamTask, behaviour: Behaviour, now: number, shown: Shown | null): object {
  const data = taskData(task, behaviour, placeToShow(task, behaviour, now), shown);
  return behaviour.envelope === 'flat' ? data : success(data);
}

const success = (data: object) => ({ code: 'success', message: '', data });

function withoutId({ task_id: _id, ...rest }: Record<string, unknown>) {
  return rest;
}

function taskData(
  task: UpstreamTask,
  behaviour: Behaviour,
  { phase, share }: Place,
  shown: Shown | null,
): Record<string, unknown> {
  const failed = phase === 'failed' ? task.failure : null;
  const count = phase === 'succeeded' && behaviour.shape !== 'none' ? task.order.n : 0;
  const results = shown === null ? { result_url: null } : shownAs(behaviour.shape, shown);
  const progress = progressText(behaviour.progress, phase, share);
  return {
    task_id: task.id,
    status:
      phase === 'failed' && behaviour.fail_status !== 'default' ? behaviour.fail_status : wordOf(phase, behaviour),
    ...(progress === null ? {} : { progress }),
    ...results,
    metadata: { task_type: task.order.taskType, result_count: count, ...(results.metadata as object | undefined) },
    error: failed && behaviour.error_shape === 'string' ? `${failed.code}: ${failed.message}` : failed,
  };
}

const wordOf = (phase: Phase, behaviour: Behaviour) => statusWords[behaviour.status_words][phase];

/** Where the task is, unless `poll=backwards` takes back what the last answer said. */
function placeToShow(task: UpstreamTask, behaviour: Behaviour, now: number): Place {
  const real = phaseAt(task, now);
  const backwards = behaviour.poll === 'backwards' && task.shownRunning && real.phase === 'running';
  return backwards ? { phase: 'queued', share: 0 } : real;
}

function progressText(habit: Behaviour['progress'], phase: Phase, share: number): string | null {
  if (habit === 'off') return null;
  if (phase === 'succeeded' || phase === 'failed') return '100%';
  if (phase === 'queued') return '0%';
  return habit === 'stuck' ? '35%' : `${Math.min(99, Math.floor(share * 100))}%`;
}

/** The members of `data` that carry the pictures. */
function shownAs(shape: Behaviour['shape'], shown: Shown): Record<string, unknown> {
  if ('base64' in shown) {
    if (shape !== 'data_uri') return { images: shown.base64.map((text) => ({ b64_json: text })) };
    return asUrls(shown.base64.map((text) => `data:${shown.mediaType};base64,${text}`));
  }
  const { urls } = shown;
  switch (shape) {
    case 'none':
      return { result_url: null };
    case 'result_urls':
      return { result_urls: urls };
    case 'results':
      return { results: urls.map((url) => ({ url })) };
    case 'data_images':
      return { images: urls.map((url) => ({ url })) };
    case 'metadata':
      return { result_url: null, metadata: { result_urls: urls } };
    case 'array':
      return { result_url: urls };
    case 'comma':
      return { result_url: urls.join(',') };
    default:
      return asUrls(urls);
  }
}

/** The documented member for one picture; the list beside it as soon as there are several. */
const asUrls = (urls: string[]) =>
  urls.length > 1 ? { result_url: urls[0], result_urls: urls } : { result_url: urls[0] };
