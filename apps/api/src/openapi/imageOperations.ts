import { ImagesBody, imagesMax } from '@darkroom/shared/dialects';
import { z } from 'zod';
import { ImageEvent, ImagesAnswer, ModelAnswer, ModelsAnswer, TaskAnswer } from './answers.ts';
import { type Operation, orderHeaders } from './operation.ts';

const common = { tag: 'OpenAI', dialect: 'openai', opens: 'key' } as const;

const headers = { ...orderHeaders, Prefer: '`respond-async`: answer 202 with the task at once' };
const answers = {
  200: { says: 'The pictures; with `stream` an event for each', schema: ImagesAnswer, events: ImageEvent },
  202: { says: 'With `Prefer: respond-async`: the task; `Location` is where to ask for it', schema: TaskAnswer },
};
const refusals = {
  404: 'The model is not enabled here; what is is listed',
  422: 'The Idempotency-Key was used for another request',
  502: 'The upstream failed the task',
  504: 'It takes longer than the wait; the task in `x-task-id` goes on',
};

/** The same fields, with the references as files; objects are sent as JSON in their field. */
const EditForm = ImagesBody.extend({
  image: z.union([z.file(), z.array(z.file()).max(imagesMax)]).describe('one file or several; `image[]` is the same'),
});

export const imageOperations: readonly Operation[] = [
  {
    ...common,
    method: 'post',
    path: '/v1/images/generations',
    summary: 'Make pictures of a text, as OpenAI’s images.generate',
    headers,
    body: { schema: ImagesBody, example: { model: 'NanoBanana', prompt: 'a pear on a blue table', size: '1024x1024' } },
    answers,
    refusals,
  },
  {
    ...common,
    method: 'post',
    path: '/v1/images/edits',
    summary: 'Make pictures of a text and pictures, as OpenAI’s images.edit; JSON, or a form with files in `image`',
    headers,
    body: {
      schema: ImagesBody,
      example: {
        model: 'NanoBanana',
        prompt: 'the same pear, green',
        image:
          'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAMUlEQVR4nG3CQRGAQADEsCpBCUqqBCUoQUTfpwgDmwnhTJcz3c6kMz3O9DrT50zH+QfY5mLBPmpb4AAAAABJRU5ErkJggg==',
      },
    },
    form: { schema: EditForm, example: { model: 'NanoBanana', prompt: 'the same pear, green', image: '@pear.png' } },
    answers,
    refusals,
  },
  {
    ...common,
    method: 'get',
    path: '/v1/models',
    summary: 'List the models; in Google’s words to a call that bears x-goog-api-key, x-goog-api-client or ?key=',
    answers: { 200: { says: 'What is enabled', schema: ModelsAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/models/{model}',
    summary: 'A model',
    answers: { 200: { says: 'The model', schema: ModelAnswer } },
  },
];
