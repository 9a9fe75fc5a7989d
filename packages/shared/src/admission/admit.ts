import { chooseOffer, type EnabledModel, partSizes } from '../channels/index.ts';
import type { TaskRequest } from '../dialects/index.ts';
import { fieldProblem } from '../errors/index.ts';
import type { TaskId } from '../tasks/index.ts';

/** Where and how an admitted request is made. */
export type Admitted = { channel: string; passesUrls: boolean; unit_price: string; part_sizes: number[] };

/**
 * Holds a request against the rules of its model and chooses its channel.
 * @param id  of the task to be; the choice is drawn from it, so that a repeat meets the same channel
 * @throws Problem naming the field, what was wrong and what would be right
 */
export function admit(models: ReadonlyMap<string, EnabledModel>, request: TaskRequest, id: TaskId): Admitted {
  const model = models.get(request.model);
  if (!model) {
    const message = `The model is not enabled here. Enabled: ${[...models.keys()].join(', ') || 'none'}.`;
    throw fieldProblem('model_not_enabled', 'model', message);
  }
  if (request.output_format !== null && !model.output_formats.includes(request.output_format)) {
    const message = `${model.id} makes ${model.output_formats.join(', ')}.`;
    throw fieldProblem('unsupported_output_format', 'output_format', message);
  }
  if (!Number.isInteger(request.n) || request.n < 1 || request.n > model.max_n) {
    throw fieldProblem('n_out_of_range', 'n', `\`n\` must be a whole number from 1 to ${model.max_n} for ${model.id}.`);
  }
  const { channel, offer } = chooseOffer(model, request.n, drawOf(id));
  return {
    channel: channel.id,
    passesUrls: channel.inputs === 'url',
    unit_price: offer.price,
    part_sizes: partSizes(request.n, offer.images_per_submission),
  };
}

/** A number in [0, 1) that a task's id decides. */
const drawOf = (id: TaskId) => Number.parseInt(id.slice(-8), 36) / 36 ** 8;
