import { type Catalogue, type EnabledModel, enabledModels, readCatalogue } from '@darkroom/shared/channels';
import { readVariables } from '@darkroom/shared/config';
import { Big } from 'big.js';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Environment } from '../start/environment.ts';
import { type Order, pictures } from './orders.ts';

/** What the API and the worker will read from the same environment. @throws CannotGoOn naming what is wrong with it */
export function catalogueOf(env: Environment): Catalogue {
  const { variables, faults, readJson } = readVariables(env);
  const catalogue = readCatalogue(variables, readJson, faults);
  try {
    faults.throwIfAny();
  } catch (error) {
    throw new CannotGoOn((error as Error).message);
  }
  return catalogue;
}

/** What the demonstration will cost at most, in words, from the prices in the configuration. */
export function estimateCost(catalogue: Catalogue): string {
  const models = enabledModels(catalogue);
  const prices = pictures.map((order) => priceOf(order, models)).filter((price) => price !== undefined);
  if (prices.length === 0) return 'nothing, for no model that it could use is enabled';
  // The edit runs on the model of whichever picture is finished first: the dearest is the safe guess.
  const edit = prices.reduce((dearest, price) => (price.gt(dearest) ? price : dearest));
  const total = prices.reduce((sum, price) => sum.plus(price), edit);
  const images = `${prices.length + 1} images`;
  if (total.eq(0)) return `${images}, whose price is not known (no price is configured)`;
  return `${images}, at most ${total.toFixed()} ${catalogue.currency}`;
}

/** The price of the model that the order will get, the first of its models that is enabled, at its dearest channel. */
function priceOf(order: Order, models: ReadonlyMap<string, EnabledModel>): Big | undefined {
  const model = order.models.map((id) => models.get(id)).find((known) => known !== undefined);
  const prices = model?.offers.map(({ offer }) => new Big(offer.price));
  return prices?.reduce((dearest, price) => (price.gt(dearest) ? price : dearest));
}
