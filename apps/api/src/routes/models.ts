import type { EnabledModel } from '@darkroom/shared/channels';
import { geminiModel, geminiModels, openaiModel, openaiModels } from '@darkroom/shared/dialects';
import { fieldProblem } from '@darkroom/shared/errors';
import type { RequestHandler } from 'express';
import { dialectOf } from '../http/dialectOf.ts';

type Deps = { models: ReadonlyMap<string, EnabledModel> };

/** `GET /v1/models`, `GET /v1beta/models`: what this installation can make, in the words of who asks. */
export function modelsRoute({ models }: Deps): RequestHandler {
  return (req, res) => {
    const all = [...models.values()];
    res.json(dialectOf(req) === 'gemini' ? geminiModels(all) : openaiModels(all));
  };
}

/** `GET /v1/models/{id}`, `GET /v1beta/models/{id}`. */
export function modelRoute({ models }: Deps): RequestHandler {
  return (req, res) => {
    const id = String(req.params.model);
    const inGemini = dialectOf(req) === 'gemini';
    const found = inGemini ? geminiModel(models, id) : models.get(id) && openaiModel(models.get(id)!);
    if (found) return void res.json(found);
    const message = `The model is not enabled here. Enabled: ${[...models.keys()].join(', ') || 'none'}.`;
    throw fieldProblem('model_not_enabled', 'model', message);
  };
}
