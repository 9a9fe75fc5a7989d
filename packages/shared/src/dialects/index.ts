export { type Dialect, errorAnswers } from './errorBodies.ts';
export { blockedAnswer, contentAnswer } from './gemini/contentAnswer.ts';
export { geminiModel, geminiModels } from './gemini/models.ts';
export { ContentBody, parseContentRequest } from './gemini/parseContentRequest.ts';
export { imagesMax } from './givenImage.ts';
export { EndpointBody, EndpointChangeBody, parseBody, RecoverBody } from './native/parseEndpoint.ts';
export { parseTaskRequest, TaskBody } from './native/parseTaskRequest.ts';
export { bodyOfForm } from './openai/formBody.ts';
export { imageEvents, imagesAnswer } from './openai/imagesAnswer.ts';
export { openaiModel, openaiModels } from './openai/models.ts';
export {
  type BatchRequest,
  FileBatch,
  ListBatch,
  parseFileBatch,
  parseListBatch,
  parseRetryBatch,
  RetryBatch,
} from './openai/parseBatchRequest.ts';
export { ImagesBody, type ImagesRequest, parseImagesRequest } from './openai/parseImagesRequest.ts';
export { Base64Of, openPictureText, type Parts, type PictureText } from './pictureText.ts';
export type { GivenImage, TaskRequest, UploadedFile } from './taskRequest.ts';
export { zodProblem } from './zodProblem.ts';
