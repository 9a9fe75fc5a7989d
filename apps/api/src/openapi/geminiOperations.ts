import { ContentBody } from '@darkroom/shared/dialects';
import { ContentAnswer, GeminiModelAnswer, GeminiModelsAnswer } from './answers.ts';
import { type Operation, orderHeaders } from './operation.ts';

const common = { tag: 'Gemini', dialect: 'gemini', opens: 'key' } as const;

const body = {
  schema: ContentBody,
  example: {
    contents: [{ role: 'user', parts: [{ text: 'a pear on a blue table' }] }],
    generationConfig: { imageConfig: { aspectRatio: '1:1', imageSize: '1K' } },
  },
};
const refusals = {
  422: 'The Idempotency-Key was used for another request',
  502: 'The upstream failed the task',
  504: 'It takes longer than the wait; the task goes on',
};

/** Google's client asks under /v1, its documentation under /v1beta: the same is at both. */
const callsUnder = (root: string): Operation[] => [
  {
    ...common,
    method: 'post',
    path: `${root}/models/{model}:generateContent`,
    summary: 'Make pictures, as Gemini’s generateContent; a blocked prompt has `promptFeedback` and no candidate',
    headers: orderHeaders,
    body,
    answers: { 200: { says: 'A candidate for each picture', schema: ContentAnswer } },
    refusals,
  },
  {
    ...common,
    method: 'post',
    path: `${root}/models/{model}:streamGenerateContent`,
    summary: 'The same as a stream of one chunk',
    headers: orderHeaders,
    query: { alt: '`sse` for server-sent events; a JSON list otherwise' },
    body,
    answers: {
      200: { says: 'A list of one answer, or one event', schema: ContentAnswer.array(), events: ContentAnswer },
    },
    refusals,
  },
];

export const geminiOperations: readonly Operation[] = [
  ...callsUnder('/v1beta'),
  ...callsUnder('/v1'),
  {
    ...common,
    method: 'get',
    path: '/v1beta/models',
    summary: 'List the models, by our names and Google’s',
    answers: { 200: { says: 'What is enabled', schema: GeminiModelsAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1beta/models/{model}',
    summary: 'A model',
    answers: { 200: { says: 'The model', schema: GeminiModelAnswer } },
  },
];
