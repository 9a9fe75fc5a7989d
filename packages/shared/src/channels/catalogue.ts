import { rulesOf } from './nanoFamily.ts';

/** A model as one channel offers it. */
export type ModelOffer = {
  id: string;
  /** price of one picture, a decimal string in the catalogue's currency */
  price: string;
  /** most pictures a client may ask for in one task */
  max_n: number;
  /** most pictures the upstream makes of one submission; a task for more gets several parts */
  images_per_submission: number;
  /** what happens when the upstream returns fewer pictures than were ordered */
  when_short: 'accept' | 'top_up';
  enabled: boolean;
};

export type AmbiguousSubmit = 'retry' | 'fail';

/** One upstream account. The key itself is not here: only the worker reads it, from the variable `api_key_env`. */
export type Channel = {
  id: string;
  kind: 'nano-tasks';
  base_url: string;
  api_key_env: string;
  weight: number;
  max_in_flight: number;
  /** 0: no limit */
  submits_per_minute: number;
  ambiguous_submit: AmbiguousSubmit;
  inputs: 'url' | 'data_uri' | 'multipart';
  /** whether the upstream takes cancels; where it does, a canceled task's upstream task is canceled too */
  cancel?: boolean;
  models: ModelOffer[];
};

/** What this installation can make, and through which channels. */
export type Catalogue = { currency: string; channels: Channel[] };

/** A model with all that admission must know of it. */
export type EnabledModel = {
  id: string;
  output_formats: readonly string[];
  /** the highest of the channels that serve it */
  max_n: number;
  offers: { channel: Channel; offer: ModelOffer }[];
};

/** The models that clients may ask for, by id, in the order of the configuration. */
export function enabledModels(catalogue: Catalogue): Map<string, EnabledModel> {
  const models = new Map<string, EnabledModel>();
  for (const channel of catalogue.channels) {
    for (const offer of channel.models) {
      if (!offer.enabled) continue;
      const known = models.get(offer.id);
      if (known) {
        known.offers.push({ channel, offer });
        known.max_n = Math.max(known.max_n, offer.max_n);
      } else {
        const { output_formats } = rulesOf(offer.id);
        models.set(offer.id, { id: offer.id, output_formats, max_n: offer.max_n, offers: [{ channel, offer }] });
      }
    }
  }
  return models;
}

/**
 * Chooses the channel of a new task by weight, among those that can make so many pictures.
 * @param draw  a number in [0, 1); derived from the task's id, so that a repeat meets the same channel
 */
export function chooseOffer(model: EnabledModel, n: number, draw: number): EnabledModel['offers'][number] {
  const able = model.offers.filter(({ offer }) => n <= offer.max_n);
  const total = able.reduce((sum, { channel }) => sum + channel.weight, 0);
  let rest = draw * total;
  for (const candidate of able) {
    rest -= candidate.channel.weight;
    if (rest < 0) return candidate;
  }
  return able.at(-1)!;
}

/** How many pictures each part of a task for n orders: as few submissions as the upstream allows. */
export function partSizes(n: number, imagesPerSubmission: number): number[] {
  const sizes: number[] = [];
  for (let rest = n; rest > 0; rest -= imagesPerSubmission) sizes.push(Math.min(rest, imagesPerSubmission));
  return sizes;
}
