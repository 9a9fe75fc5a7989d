import { type Canvas, loadImage } from '@napi-rs/canvas';
import type { OutputFormat } from '../protocol/models.ts';
import { digestOf, seedOf } from '../random.ts';
import type { UpstreamTask } from '../records/upstreamTask.ts';
import { dimensionsOf } from './dimensions.ts';
import { drawPicture, drawTinyPicture } from './draw.ts';
import { registerFonts } from './fonts.ts';
import { loadReference, UnusableReference } from './loadReference.ts';
import { createPictureCache } from './pictureCache.ts';
import { createTurns } from './turns.ts';

/** `full`: what was ordered, up to 8K; `tiny`: the right ratio and format at 64 pixels, for storms and benches. */
export type PictureSize = 'full' | 'tiny';

export type Gallery = {
  /** @returns the encoded picture of a finished task: the same bytes for the same seed, task and index */
  picture(task: UpstreamTask, index: number): Promise<Buffer>;
  /** Loads the task's reference images into it; one that cannot be used makes the task fail. Never rejects. */
  loadReferences(task: UpstreamTask): Promise<void>;
};

const tinyLongSide = 64;
/** Tiny pictures come in this many versions, so that a storm draws a few hundred pictures and not a million. */
const tinyVariants = 64;
/** A reference is drawn at a part of the picture's size; at most this much of it is kept per task in flight. */
const referenceLongSide = 1024;
/** An 8K canvas alone takes 268 MB: two at a time is what a small machine bears. */
const drawnAtOnce = 2;
/** Repeated downloads of a picture within a test or a demonstration; 64 MiB are some hundred pictures of 1K. */
const cacheBytes = 64 * 1024 * 1024;

export function createGallery({ seed, size }: { seed: number; size: PictureSize }): Gallery {
  registerFonts();
  const cached = createPictureCache(cacheBytes);
  const drawing = createTurns(drawnAtOnce);
  const render = size === 'tiny' ? renderTiny : renderFull;

  return {
    picture(task, index) {
      const own = seedOf(digestOf(seed, task.id, index));
      const shared = size === 'tiny' && task.order.references.length === 0;
      const variant = own % tinyVariants;
      const { outputFormat, aspectRatio } = task.order;
      const key = shared ? `${variant} ${aspectRatio} ${outputFormat}` : `${task.id} ${index}`;
      return cached(key, () => drawing(() => render(task, index, shared ? variant : own, seed)));
    },
    async loadReferences(task) {
      const longSide = size === 'tiny' ? tinyLongSide : referenceLongSide;
      try {
        const { references } = task.order;
        task.references = await Promise.all(references.map((reference) => loadReference(reference, longSide)));
      } catch (error) {
        const message = error instanceof UnusableReference ? error.message : 'the reference image cannot be used';
        task.failure ??= { code: 'invalid_input', message };
        task.references = [];
      }
      // The originals may be tens of megabytes a task, and nobody looks at them again.
      task.order.references = task.order.references.map(() => ({ kind: 'bytes', bytes: Buffer.alloc(0) }));
    },
  };
}

async function renderTiny(task: UpstreamTask, _index: number, own: number): Promise<Buffer> {
  const { order } = task;
  const references = await decode(task);
  // A shared version belongs to no prompt: its colour is its number's.
  const prompt = references.length > 0 ? order.prompt : String(own);
  const content = { prompt, seed: own, references };
  return encode(drawTinyPicture(dimensionsOf(order.aspectRatio, tinyLongSide), content), order.outputFormat);
}

async function renderFull(task: UpstreamTask, index: number, own: number, seed: number): Promise<Buffer> {
  const { order } = task;
  const size = dimensionsOf(order.aspectRatio, order.model.longSide);
  const details = [
    order.model.id,
    order.taskType,
    order.aspectRatio,
    `${size.width}×${size.height}`,
    `${index + 1} of ${order.n}`,
    `seed ${seed}`,
  ]
    .map((part) => part.replaceAll(' ', '\u00a0'))
    .join(' · ');
  const content = { prompt: order.prompt, details, seed: own, references: await decode(task) };
  return encode(drawPicture(size, content), order.outputFormat);
}

function decode({ references }: UpstreamTask) {
  return Promise.all(references === 'loading' ? [] : references.map((bytes) => loadImage(bytes)));
}

/** 90 is where JPEG and WebP stop showing artefacts around the text. */
function encode(canvas: Canvas, format: OutputFormat): Promise<Buffer> {
  return format === 'png' ? canvas.encode('png') : canvas.encode(format, 90);
}
