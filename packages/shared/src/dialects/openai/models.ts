import type { EnabledModel } from '../../channels/index.ts';

/** Unix seconds. OpenAI's clients want a time; the catalogue has none, and one that moved would defeat caches. */
const created = Date.UTC(2025, 0, 1) / 1000;

/** Source: OpenAI's API reference, Models. */
export const openaiModel = ({ id }: EnabledModel) => ({ id, object: 'model', created, owned_by: 'darkroom' });

export const openaiModels = (models: readonly EnabledModel[]) => ({ object: 'list', data: models.map(openaiModel) });
