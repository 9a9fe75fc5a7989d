import type { Dialect } from '@darkroom/shared/dialects';
import type { Request } from 'express';

const openai = /^\/v1\/(images\/(generations|edits)|models|files|batches)(\/|$)/i;
const gemini = /^\/(v1beta(\/|$)|v1\/models\/[^/]*(:|%3a))/i;
const models = /^\/v1\/models(\/|$)/i;

/**
 * The dialect that a request speaks, by its path. `/v1/models` is both OpenAI's and Google's: who calls it as Google's
 * client does is answered in Google's words.
 */
export function dialectOf(req: Request): Dialect {
  const path = req.baseUrl + req.path;
  if (gemini.test(path) || (models.test(path) && speaksGoogle(req))) return 'gemini';
  return openai.test(path) ? 'openai' : 'native';
}

function speaksGoogle(req: Request): boolean {
  return [req.get('x-goog-api-key'), req.get('x-goog-api-client'), req.query.key].some((one) => one !== undefined);
}
