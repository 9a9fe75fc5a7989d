import type { Clock } from '../processes/clock.ts';
import { edit, type Order, pictures, refusal } from './orders.ts';
import type { ProgressBoard, Standing } from './progressBoard.ts';
import { type Picture, Refused, type Task, type TaskApi } from './taskApi.ts';

export interface DemonstrationDeps {
  api: TaskApi;
  board: ProgressBoard;
  clock: Pick<Clock, 'now_ms' | 'pause'>;
  /** Stores one picture and tells where. */
  save: (taskId: string, index: number, picture: Picture, bytes: Buffer) => Promise<string>;
  newKey: () => string;
  signal: AbortSignal;
}

/** How one order came out. */
export interface Outcome {
  label: string;
  ok: boolean;
  /** Why not, or why it was left out. */
  reason?: string;
  skipped?: boolean;
  model?: string;
  task?: Task;
  /** Its pictures and the files they went to. */
  saved: { picture: Picture; file: string; bytes: Buffer }[];
}

/** Between two looks at a task, in ms: often enough for a live display, and this is one client on a bare machine. */
const look_ms = 400;

/** A task of the demonstration that takes longer has gone wrong; a real upstream needs up to a minute or two. */
const patience_ms = 10 * 60_000;

const finalStates = ['succeeded', 'failed', 'canceled'];

/**
 * Orders a few pictures through the public API, an edit of the first finished one, and, of the simulator, one that is
 * refused; shows how they come along and stores what comes of them.
 * @returns the outcomes, and `ok`: whether each task ended as expected and at least one was made
 */
export async function runDemonstration(deps: DemonstrationDeps, { simulated }: { simulated: boolean }) {
  const first = Promise.withResolvers<Outcome>();
  const drawn = pictures.map(async (order) => {
    const outcome = await carryOut(deps, order);
    if (outcome.saved.length > 0) first.resolve(outcome);
    return outcome;
  });
  const others = simulated ? [carryOut(deps, refusal)] : [];
  const none = Promise.all(drawn).then(() => undefined);
  const reference = await Promise.race([first.promise, none]);
  const outcomes = await Promise.all([...drawn, ...(reference ? [carryOutEdit(deps, reference)] : []), ...others]);
  deps.board.close();
  return { outcomes, ok: reference !== undefined && outcomes.every(({ ok, skipped }) => ok || skipped) };
}

function carryOutEdit(deps: DemonstrationDeps, { model, saved }: Outcome): Promise<Outcome> {
  const [{ picture, bytes }] = saved as [Outcome['saved'][number]];
  const image = `data:${picture.media_type};base64,${bytes.toString('base64')}`;
  return carryOut(deps, { ...edit, models: [model!] }, { task_type: 'image2image', image });
}

/** One order from its creation to its stored pictures. Whatever goes wrong with it is its outcome, not an exception. */
async function carryOut(deps: DemonstrationDeps, order: Order, input: object = {}): Promise<Outcome> {
  const { board, clock, signal } = deps;
  const began_ms = clock.now_ms();
  let seen: Standing = { model: order.models[0]!, status: 'submitting', progress: '0%', elapsed_ms: 0 };
  const show = (change: Partial<Standing>) => {
    seen = { ...seen, ...change, elapsed_ms: clock.now_ms() - began_ms };
    board.show(order.label, seen);
  };
  show({});
  try {
    const created = await createWithFirstEnabled(deps, order, input, (model) => show({ model }));
    if (!created) {
      show({ status: 'skipped', note: 'no model of this family is enabled' });
      return { label: order.label, ok: false, skipped: true, reason: 'no model of this family is enabled', saved: [] };
    }
    const task = await untilFinal(deps, created.task, began_ms, show);
    const saved = await savePictures(deps, task);
    const reason = whyUnexpected(order, task, saved.length);
    const files = saved.map(({ picture, file }) => `${describe(picture)}  ${file}`).join(', ');
    const note = reason ?? (files || `${task.error?.code}: ${task.error?.message}`);
    show({ status: task.status, progress: task.progress, ok: reason === undefined, note });
    return { label: order.label, ok: reason === undefined, reason, model: created.model, task, saved };
  } catch (error) {
    const reason = signal.aborted ? 'interrupted' : (error as Error).message;
    if (!signal.aborted) show({ status: 'broken', ok: false, note: reason });
    return { label: order.label, ok: false, reason, saved: [] };
  }
}

/** @returns undefined when the API says of every model that it is not enabled */
async function createWithFirstEnabled(
  { api, newKey }: DemonstrationDeps,
  order: Order,
  input: object,
  trying: (model: string) => void,
): Promise<{ model: string; task: Task } | undefined> {
  for (const model of order.models) {
    trying(model);
    try {
      const task = await api.create(
        { model, ...order.request, ...input, labels: { made_by: 'demonstration' } },
        newKey(),
      );
      return { model, task };
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'model_not_enabled')) throw error;
    }
  }
  return undefined;
}

async function untilFinal(
  { api, clock, signal }: DemonstrationDeps,
  created: Task,
  began_ms: number,
  show: (change: Partial<Standing>) => void,
): Promise<Task> {
  let task = created;
  while (!finalStates.includes(task.status)) {
    show({ status: task.status, progress: task.progress });
    if (clock.now_ms() - began_ms > patience_ms)
      throw new Error(`still ${task.status} after ${patience_ms / 60_000} min`);
    await clock.pause(look_ms, signal);
    task = await api.query(task.task_id);
  }
  return task;
}

async function savePictures({ api, save }: DemonstrationDeps, task: Task): Promise<Outcome['saved']> {
  const saved: Outcome['saved'] = [];
  for (const [index, picture] of (task.metadata.images ?? []).entries()) {
    const bytes = await api.download(picture.url);
    saved.push({ picture, bytes, file: await save(task.task_id, index, picture, bytes) });
  }
  return saved;
}

function whyUnexpected({ expect }: Order, task: Task, pictures: number): string | undefined {
  const error = task.error ? ` (${task.error.code}: ${task.error.message})` : '';
  if (task.status !== expect.status) return `should have ${expect.status} and has ${task.status}${error}`;
  if (expect.status === 'succeeded') return pictures > 0 ? undefined : 'succeeded without a picture';
  return task.error?.code === expect.code ? undefined : `should have failed with ${expect.code}, not${error}`;
}

/** `image/png 512x512 48 KB` */
function describe({ media_type, width, height, bytes }: Picture): string {
  return `${media_type} ${width}x${height} ${Math.ceil(bytes / 1024)} KB`;
}
