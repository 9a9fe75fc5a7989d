import { imagesOf, type TaskRecord } from '../../tasks/index.ts';
import { Base64Of } from '../pictureText.ts';

/** Pictures are priced by the piece here; Google's clients expect the member. */
const usageMetadata = { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 };

const common = ({ id, request }: TaskRecord) => ({ usageMetadata, modelVersion: request.model, responseId: id });

/** The pictures of a task as generateContent answers: a candidate for each. */
export function contentAnswer(task: TaskRecord) {
  const candidates = imagesOf(task).map((image, index) => ({
    content: { role: 'model', parts: [{ inlineData: { mimeType: image.media_type, data: new Base64Of(image) } }] },
    finishReason: 'STOP',
    index,
  }));
  return { candidates, ...common(task) };
}

/** A prompt that the content policy forbids is no error in Gemini: it is answered with why there is no candidate. */
export function blockedAnswer(task: TaskRecord) {
  const blockReasonMessage = task.error?.message ?? 'The content policy forbids it.';
  return { promptFeedback: { blockReason: 'PROHIBITED_CONTENT', blockReasonMessage }, ...common(task) };
}
