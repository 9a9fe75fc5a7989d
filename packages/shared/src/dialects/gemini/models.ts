import type { EnabledModel } from '../../channels/index.ts';
import { aliasOf, modelOf } from './aliases.ts';

/** Source: Google's Gemini API reference, models. */
const shown = (name: string, { id }: EnabledModel) => ({
  name: `models/${name}`,
  baseModelId: name,
  version: '1',
  displayName: id,
  description: `${id}, text and images in, images out`,
  inputTokenLimit: 8192,
  outputTokenLimit: 8192,
  supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
});

/** Every model twice: by our name and, where it has one, by Google's. */
export const geminiModels = (models: readonly EnabledModel[]) => ({
  models: models.flatMap((model) => {
    const alias = aliasOf(model.id);
    return [shown(model.id, model), ...(alias ? [shown(alias, model)] : [])];
  }),
});

/** @returns undefined when there is no such model, or it is not enabled */
export function geminiModel(models: ReadonlyMap<string, EnabledModel>, name: string) {
  const id = modelOf(name, undefined);
  const model = id === undefined ? undefined : models.get(id);
  return model && shown(name, model);
}
