import { buffer } from 'node:stream/consumers';
import { type TaskError, taskError } from '@darkroom/shared/errors';
import { inspectBytes, Unreadable, withoutMetadata } from '@darkroom/shared/images';
import type { InputImage } from '@darkroom/shared/tasks';
import type { UpstreamInput } from '@darkroom/shared/upstream';
import { bounded, TooLarge } from './bounded.ts';
import type { GenerationDeps } from './deps.ts';
import { FetchFailed } from './fetchUrl.ts';
import type { Hand } from './hand.ts';
import { backoff, stoppable } from './stop.ts';

/** Tries of a reference image's download before the task fails: its host may be restarting. */
const tries = 3;

/**
 * The reference images of a part as its channel wants them: URLs that the upstream can reach, or the bytes themselves.
 * @returns the error that fails the task when an image cannot be had or is none
 */
export async function prepareInputs(
  deps: GenerationDeps,
  hand: Hand,
): Promise<{ inputs: UpstreamInput[] } | { error: TaskError }> {
  const inputs: UpstreamInput[] = [];
  try {
    for (const input of hand.task.request.inputs) inputs.push(await prepare(deps, hand, input));
    return { inputs };
  } catch (error) {
    const failure = asTaskError(error);
    if (!failure) throw error;
    return { error: failure };
  }
}

async function prepare(deps: GenerationDeps, hand: Hand, input: InputImage): Promise<UpstreamInput> {
  if (hand.channel.inputs === 'url') return { url: input.kind === 'url' ? input.url : deps.signer.urlOf(input.key) };
  if (input.kind === 'url') return fetched(deps, hand, input.url);
  const stored = await deps.store.open(input.key);
  if (!stored) throw new FetchFailed('gone', 'the stored image is gone');
  return { bytes: await buffer(stored), media_type: input.media_type };
}

async function fetched(deps: GenerationDeps, hand: Hand, url: string): Promise<UpstreamInput> {
  for (let attempt = 1; ; attempt++) {
    try {
      const body = await stoppable(hand.signal, () => deps.fetchReference.open(url, hand.signal));
      const bytes = await stoppable(hand.signal, () => buffer(bounded(body, deps.limits.max_image_bytes)));
      const { media_type, format } = inspectBytes(bytes);
      return { bytes: withoutMetadata(bytes, format), media_type };
    } catch (error) {
      const passing = error instanceof FetchFailed && error.fault === 'unavailable';
      if (!passing || attempt === tries) throw error;
    }
    await deps.pause(backoff(attempt - 1, deps.limits.retry_backoff_ms, 10_000, deps.random), hand.signal);
  }
}

function asTaskError(error: unknown): TaskError | undefined {
  if (error instanceof FetchFailed && error.fault === 'not_allowed') {
    return taskError('url_not_allowed', `A reference image cannot be fetched: ${error.message}.`);
  }
  if (error instanceof FetchFailed || error instanceof Unreadable || error instanceof TooLarge) {
    return taskError('image_unreadable', `A reference image cannot be used: ${error.message}.`);
  }
  return undefined;
}
