import { taskError } from '@darkroom/shared/errors';
import { Unreadable } from '@darkroom/shared/images';
import type { StoredImage } from '@darkroom/shared/tasks';
import type { UpstreamResult } from '@darkroom/shared/upstream';
import { TooLarge } from './bounded.ts';
import { attemptOf, change, fail, nextAttempt, untilDeadline } from './change.ts';
import type { GenerationDeps } from './deps.ts';
import { FetchFailed } from './fetchUrl.ts';
import { downloadTried } from './figures.ts';
import type { Hand } from './hand.ts';
import { ask } from './poll.ts';
import { backoff, Stop, stoppable } from './stop.ts';
import { storeResult } from './storeResult.ts';

const retryPauseMaxMs = 30_000;

/** Stores the pictures that the upstream has made. From `storing`. Nothing here ever submits the generation again but an answer that holds no picture at all. */
export async function collect(deps: GenerationDeps, hand: Hand): Promise<Hand> {
  const results = hand.results ?? (await askAgain(deps, hand));
  if (!results) return fail(deps, hand, taskError('result_unavailable', 'The upstream no longer tells its results.'));
  const kept = hand.part.images ?? [];
  const wanted = wantedOf(hand, results);
  const images: StoredImage[] = [];
  let lastFault: Error | undefined;
  for (const i of wanted.keys()) {
    const index = indexOf(hand, kept.length + i);
    const outcome = await download(deps, { ...hand, results: wanted }, i, index);
    if ('image' in outcome) images.push(outcome.image);
    else lastFault = outcome.fault;
  }
  if (images.length === 0 && kept.length === 0) return noPicture(deps, hand, lastFault);
  // What the upstream has made but could not be fetched is paid for: it is not ordered again.
  return keep(deps, hand, [...kept, ...images], hand.part.n - kept.length - wanted.length);
}

/** The results to store: what was ordered. A task in one part also keeps more, since they are paid for. */
function wantedOf(hand: Hand, results: UpstreamResult[]): UpstreamResult[] {
  return hand.task.parts.length === 1 ? results : results.slice(0, hand.part.n - (hand.part.images?.length ?? 0));
}

/** The number of a picture within its task, counted from 0 over all parts. */
function indexOf(hand: Hand, withinPart: number): number {
  return hand.task.parts.slice(0, hand.index).reduce((sum, part) => sum + part.n, 0) + withinPart;
}

/** @param missing  pictures that the upstream has not made */
async function keep(deps: GenerationDeps, hand: Hand, images: StoredImage[], missing: number): Promise<Hand> {
  const offer = hand.channel.models.find((model) => model.id === hand.task.request.model);
  if (missing > 0 && offer?.when_short === 'top_up' && hand.part.attempt < deps.limits.max_attempts) {
    hand.view.log(`${missing} pictures are missing; ordering them again`);
    return change(deps, { ...hand, results: undefined }, 'retry', {
      part: { images, next_attempt: hand.part.attempt + 1, upstream_task_id: '', unknowns: 0, starts: 0 },
      why: `${missing} missing`,
    });
  }
  hand.view.log(`stored ${images.length} pictures`);
  const { attempt, upstream_task_id = null } = hand.part;
  await hand.view.progress({ percent: 100, state: 'succeeded', attempt, upstream_task_id });
  const part = { ...attemptOf(hand.part), images, progress: 100 };
  return change(deps, hand, 'succeed', { part, why: `${images.length} stored` });
}

function noPicture(deps: GenerationDeps, hand: Hand, fault: Error | undefined): Promise<Hand> {
  if (fault instanceof Unreadable || fault instanceof TooLarge) {
    const error = taskError('result_unreadable', `What the upstream returned cannot be kept: ${fault.message}.`);
    return nextAttempt(deps, hand, error);
  }
  const why = fault ? fault.message : 'it returned none';
  return fail(
    deps,
    hand,
    taskError('result_unavailable', `The result could not be fetched from the upstream: ${why}.`),
  );
}

/** Fetches and stores one result, several times if need be; a URL that is gone may have expired and is asked for anew. */
async function download(
  deps: GenerationDeps,
  hand: Hand,
  i: number,
  index: number,
): Promise<{ image: StoredImage } | { fault: Error }> {
  let result = hand.results![i]!;
  for (let tries = 1; ; tries++) {
    const fault = await tryToStore(deps, hand, result, index);
    if (!(fault instanceof Error)) return { image: fault };
    const last = tries >= deps.limits.download_tries || untilDeadline(deps, hand) <= 0;
    const final = fault instanceof FetchFailed && fault.fault === 'not_allowed';
    deps.logger.warn(
      { task: hand.task.id, channel: hand.channel.id, index, tries, why: fault.message },
      'download failed',
    );
    if (last || final || fault instanceof TooLarge) return { fault };
    await deps.pause(backoff(tries - 1, deps.limits.retry_backoff_ms, retryPauseMaxMs, deps.random), hand.signal);
    const fresh = await ask(deps, hand);
    if (fresh.kind === 'succeeded') result = wantedOf(hand, fresh.results)[i] ?? result;
  }
}

async function tryToStore(deps: GenerationDeps, hand: Hand, result: UpstreamResult, index: number) {
  try {
    const image = await stoppable(hand.signal, () => storeResult(deps, hand, result, index));
    downloadTried(deps, hand, 'stored', image.bytes);
    return image;
  } catch (error) {
    if (error instanceof Stop) throw error;
    const fault = faultOf(error);
    downloadTried(deps, hand, fault ? outcomeOf(fault) : 'not_stored');
    if (fault) return fault;
    throw error;
  }
}

type DownloadFault = FetchFailed | Unreadable | TooLarge;

/** What was wrong with a result; undefined where the fault is our storage's. */
function faultOf(error: unknown): DownloadFault | undefined {
  if (error instanceof FetchFailed || error instanceof Unreadable || error instanceof TooLarge) return error;
  return isStreamFault(error) ? new FetchFailed('unavailable', 'the picture was cut off', error) : undefined;
}

function outcomeOf(fault: DownloadFault) {
  if (fault instanceof FetchFailed) return fault.fault;
  return fault instanceof Unreadable ? 'unreadable' : 'too_large';
}

/** A connection that broke within the body, or a body that cannot be unpacked: undici's, the socket's and zlib's codes. */
function isStreamFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const names = ['TimeoutError', 'AbortError'];
  return (
    /^(UND_ERR_|ECONN|EPIPE|ETIMEDOUT|Z_|ERR_STREAM_PREMATURE)/.test(code) || names.includes((error as Error)?.name)
  );
}

/** After a crash the results are asked for again: they are not in Redis, and their URLs may have expired. */
async function askAgain(deps: GenerationDeps, hand: Hand): Promise<UpstreamResult[] | undefined> {
  // At least once, even past the deadline: the pictures are made and paid for.
  for (let tries = 0; tries === 0 || untilDeadline(deps, hand) > 0; tries++) {
    const outcome = await ask(deps, hand);
    if (outcome.kind === 'succeeded') return outcome.results;
    if (outcome.kind === 'not_found' || outcome.kind === 'failed') return undefined;
    await deps.pause(backoff(tries, deps.limits.retry_backoff_ms, retryPauseMaxMs, deps.random), hand.signal);
  }
  return undefined;
}
