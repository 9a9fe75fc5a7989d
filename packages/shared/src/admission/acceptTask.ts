import type { Catalogue, EnabledModel } from '../channels/index.ts';
import type { Dialect, TaskRequest } from '../dialects/index.ts';
import type { EgressSurface } from '../egress/index.ts';
import { Problem } from '../errors/index.ts';
import { appendEvent } from '../events/index.ts';
import type { ObjectStore } from '../images/index.ts';
import type { ClientKey } from '../keys/index.ts';
import { addGenerationJobs, type GenerationQueue, type NewJobs } from '../queues/index.ts';
import { isRedisUnavailable, type Restored } from '../redis/index.ts';
import {
  channelOf,
  findSent,
  fingerprintOf,
  isFinalStatus,
  mayBeForgotten,
  newTaskId,
  noteSent,
  readTask,
  recordOf,
  returnPlace,
  type TaskId,
  type TaskRecord,
  takePlace,
  taskIdFor,
} from '../tasks/index.ts';
import { admit } from './admit.ts';
import type { Headroom } from './headroom.ts';
import { type JudgedImage, judgeImages, judgeUrls, storeInputs } from './inputs.ts';
import { judgeReceiver } from './judgeReceiver.ts';
import { newTask } from './newTask.ts';
import type { ReadTask } from './taskReader.ts';
import { confirmKept, type WriteDeps, writeTask } from './writeTask.ts';

export type AcceptDeps = WriteDeps & {
  headroom: Headroom;
  queues: ReadonlyMap<string, GenerationQueue>;
  catalogue: Catalogue;
  readTask: ReadTask;
  /** whether this Redis is a restored backup; throws when Redis does not answer */
  restored: () => Promise<Restored | undefined>;
  models: ReadonlyMap<string, EnabledModel>;
  store: ObjectStore;
  references: EgressSurface;
  webhooks: EgressSurface;
  limits: { image_bytes: number; deadline_seconds: number };
  /** told of every task that was refused for its key's limit */
  noteLimited: () => void;
  /** told of every task that was taken in */
  noteAccepted: (labels: { dialect: Dialect; priority: TaskRecord['priority'] }) => void;
};

/** Whose task it is. */
export type Client = Pick<ClientKey, 'id' | 'weight'> & Partial<Pick<ClientKey, 'maxOpenTasks'>>;

/** How a request came in. */
export type Entry = {
  dialect: Dialect;
  idempotencyKey?: string | undefined;
  /** the id that the task is to have, for one that is made again under the same circumstances */
  taskId?: TaskId;
  /** the batch whose line it is */
  batch?: { id: string; line: number };
  /** when the task can have been made first, ms since the epoch; now, when left out */
  since_ms?: number;
  /** how often an SDK that counts its sendings has sent this request before; undefined for one that does not count */
  sentBefore?: number | undefined;
};

export type Accepted = { task: TaskRecord; repeated: boolean };

/**
 * Takes a task in: inputs to storage, then the record, then its jobs. Every dialect ends here. A repeat under the same
 * idempotency key, or one that an SDK sends by itself, is answered with the task that exists; whatever was missing of
 * it is made up for.
 * @throws Problem; when it is thrown, nothing was accepted
 */
export async function acceptTask(
  deps: AcceptDeps,
  client: Client,
  request: TaskRequest,
  entry: Entry,
): Promise<Accepted> {
  const images = judgeImages(request.images, deps.limits.image_bytes);
  const fingerprint = fingerprintOf({ ...request, images: images.map(essenceOf) });
  const sent = { key_id: client.id, fingerprint };
  const known = await knownId(deps, entry, sent);
  if (known) {
    const earlier = await deps.readTask(known);
    if (earlier) return repeat(deps, earlier, fingerprint);
  }
  const id = known ?? newTaskId();
  const doubtful = await mayRepeat(deps, entry);
  const admitted = admit(deps.models, request, id);
  await deps.headroom.demand();
  if (entry.sentBefore !== undefined) await noteSent(deps.records, sent, id, deps.now());
  await judgeUrls(images, deps.references, admitted.passesUrls);
  if (request.webhook) await judgeReceiver(request.webhook.url, deps.webhooks);
  return inPlace(deps, client, id, async (placed) => {
    const inputs = await storeInputs(deps.store, id, images);
    const { batch } = entry;
    const task = newTask(deps, { id, client, request, fingerprint, admitted, inputs, batch, placed, doubtful });
    const written = await writeTask(deps, task);
    if (written === 'clash') throw clash();
    if (written === 'late') throw tooSlow();
    if (written === 'repeated') return repeat(deps, await mustRead(deps, id), fingerprint);
    const record = recordOf(task);
    deps.noteAccepted({ dialect: entry.dialect, priority: record.priority });
    // Streams are told while the job is added, which takes two trips: they hear that it waits before it can begin.
    await Promise.all([tellQueued(deps, record), addJobs(deps, record)]);
    return { task: record, repeated: false };
  });
}

/**
 * Makes a task in a place of its own, where its API key may only have so many unfinished ones. A place whose task was
 * not made is given back; one that a crash leaves behind is found when all are taken.
 * @throws Problem `rate_limited`; what `make` throws
 */
async function inPlace<T>(
  { records, noteLimited, now }: AcceptDeps,
  { id: keyId, maxOpenTasks = 0 }: Client,
  id: TaskId,
  make: (placed: true | undefined) => Promise<T>,
): Promise<T> {
  if (maxOpenTasks === 0) return make(undefined);
  const word = await takePlace(records, keyId, id, maxOpenTasks, now());
  if (word === 'full') {
    noteLimited();
    const message = `This key may have ${maxOpenTasks} unfinished tasks. Try again once some have ended.`;
    throw new Problem('rate_limited', message, { retryAfterSeconds: 5 });
  }
  try {
    return await make(true);
  } catch (error) {
    // What is not sure to have been refused may have its record: its place is looked through later.
    if (word === 'taken' && error instanceof Problem) await returnPlace(records, { key_id: keyId, id });
    throw error;
  }
}

/** Whether the request may be the repeat of one that was answered, and that a restored Redis has forgotten. */
async function mayRepeat(
  { restored, now }: AcceptDeps,
  { taskId, idempotencyKey, sentBefore = 0, since_ms = now() }: Entry,
): Promise<true | undefined> {
  if (taskId === undefined && idempotencyKey === undefined && sentBefore === 0) return undefined;
  return mayBeForgotten(since_ms, await restored()) || undefined;
}

/** The id that the request's task has, or is to have, when this may be its repeat. */
async function knownId(
  { records, now }: AcceptDeps,
  { taskId, idempotencyKey, sentBefore = 0 }: Entry,
  sent: { key_id: string; fingerprint: string },
): Promise<TaskId | undefined> {
  if (taskId) return taskId;
  if (idempotencyKey !== undefined) return taskIdFor(sent.key_id, idempotencyKey);
  return sentBefore > 0 ? findSent(records, sent, now()) : undefined;
}

/** The repeat of a request: the same one is answered with its task, another one under the same key is refused. */
async function repeat(deps: AcceptDeps, earlier: TaskRecord, fingerprint: string): Promise<Accepted> {
  if (earlier.fingerprint !== fingerprint) throw clash();
  if (!isFinalStatus(earlier.status)) {
    await confirmKept(deps, earlier);
    // The API may have died between record and job; adding a job that is there adds nothing.
    await addJobs(deps, earlier);
  }
  return { task: earlier, repeated: true };
}

/**
 * Adds the jobs of a written record. When Redis goes away in between, the task is accepted all the same: its record
 * stands among the open ones, whose missing jobs are added by the sweep and by any repeat.
 */
async function addJobs(deps: AcceptDeps, task: TaskRecord): Promise<void> {
  const part_sizes = task.parts.map((part) => part.n);
  const { id, key_id, weight, priority, request } = task;
  const jobs = { id, key_id, weight, priority, model: request.model, part_sizes };
  const moved = task.parts.some((part) => part.channel !== undefined);
  try {
    if (!moved) await addTo(deps, task.channel, jobs);
    else for (const [only, part] of task.parts.entries()) await addTo(deps, channelOf(task, part), { ...jobs, only });
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    deps.logger.warn({ task: task.id }, 'recorded, but its job could not be added yet');
  }
}

/** Tells the key's streams. A stream that begins later tells it anyway, so an outage is no reason to fail. */
async function tellQueued({ records, now, logger }: AcceptDeps, task: TaskRecord): Promise<void> {
  try {
    await appendEvent(records, task, 'task.queued', now());
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    logger.warn({ task: task.id }, 'recorded, but streams could not be told');
  }
}

async function addTo(deps: AcceptDeps, channelId: string, jobs: NewJobs): Promise<void> {
  const queue = deps.queues.get(channelId);
  if (queue) await addGenerationJobs(deps.records.redis, queue, jobs);
}

async function mustRead(deps: AcceptDeps, id: TaskId): Promise<TaskRecord> {
  const record = await readTask(deps.records, id);
  if (!record) throw new Problem('queue_unavailable', 'The queue lost the task; try again.', { retryAfterSeconds: 5 });
  return record;
}

const essenceOf = (image: JudgedImage) => ('url' in image ? { url: image.url } : { sha256: image.sha256 });

const tooSlow = () =>
  new Problem('queue_unavailable', 'The queue was too slow; nothing was accepted. Try again.', {
    retryAfterSeconds: 5,
  });

const clash = () =>
  new Problem(
    'idempotency_conflict',
    'This Idempotency-Key was used for another request. Use a new key, or send the same request again.',
    {
      fields: [{ field: 'Idempotency-Key', message: 'was used for another request' }],
      headers: { 'x-should-retry': 'false' },
    },
  );
