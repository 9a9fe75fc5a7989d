import { imagesOf, type StoredImage, type TaskRecord } from '../../tasks/index.ts';
import { Base64Of, type Parts } from '../pictureText.ts';

const seconds = (ms: number) => Math.floor(ms / 1000);

/**
 * The pictures of a task as OpenAI's images endpoints answer.
 * @param urlOf  the signed URL of a stored object's key
 */
export function imagesAnswer(task: TaskRecord, format: 'url' | 'b64_json', urlOf: (key: string) => string) {
  const data = imagesOf(task).map((image) =>
    format === 'url' ? { url: urlOf(image.key) } : { b64_json: new Base64Of(image) },
  );
  return { created: seconds(task.created_at_ms), data };
}

/** A streamed answer: an event per picture, its last one, since the upstream shows nothing before. */
export function imageEvents(entry: 'generations' | 'edits', task: TaskRecord): Parts {
  const type = entry === 'edits' ? 'image_edit.completed' : 'image_generation.completed';
  return imagesOf(task).flatMap((image) => [`event: ${type}\ndata: `, completed(type, image, task), '\n\n']);
}

function completed(type: string, image: StoredImage, task: TaskRecord) {
  return {
    type,
    b64_json: new Base64Of(image),
    created_at: seconds(task.finished_at_ms ?? task.created_at_ms),
    size: `${image.width}x${image.height}`,
    output_format: image.media_type.replace('image/', ''),
    background: 'opaque',
    quality: 'auto',
    // Pictures are priced by the piece here; the SDK's types promise the member.
    usage: {
      input_tokens: 0,
      input_tokens_details: { image_tokens: 0, text_tokens: 0 },
      output_tokens: 0,
      total_tokens: 0,
    },
  };
}
