import { z } from 'zod';
import type { Environment, Faults, ReadJson, Variables } from '../config/index.ts';
import { weakSecret } from '../keys/index.ts';
import type { Catalogue, Channel } from './catalogue.ts';
import { nanoModels } from './nanoFamily.ts';

const price = z.string().regex(/^\d+(\.\d{1,8})?$/, 'must be a decimal string such as "0.0390"');
const id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be 1-64 characters of a-z 0-9 _ -');

/** The upstream states no maximum of its own; four is what the vendor's other image models allow at once. */
const defaultMaxN = 4;

const Model = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be a model id'),
    price: price.default('0'),
    max_n: z.number().int().min(1).max(100).default(defaultMaxN),
    images_per_submission: z.number().int().min(1).optional(),
    when_short: z.enum(['accept', 'top_up']).default('accept'),
    enabled: z.boolean().default(true),
  })
  .transform((model) => ({ ...model, images_per_submission: model.images_per_submission ?? model.max_n }));

const ChannelsFile = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD'),
  channels: z
    .array(
      z.strictObject({
        id,
        kind: z.literal('nano-tasks').default('nano-tasks'),
        base_url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
        api_key_env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable'),
        weight: z.number().min(0.001).max(1000).default(1),
        max_in_flight: z.number().int().min(1).default(200),
        submits_per_minute: z.number().min(0).default(600),
        ambiguous_submit: z.enum(['retry', 'fail']).optional(),
        inputs: z.enum(['url', 'data_uri', 'multipart']).optional(),
        cancel: z.boolean().default(false),
        models: z.array(Model).min(1),
      }),
    )
    .min(1),
});

/**
 * What can be made and where: from `CHANNELS_FILE`, else one channel `default` with the whole Nano family.
 * Faults are added under the variable's name.
 */
export function readCatalogue(variables: Variables, readJson: ReadJson, faults: Faults): Catalogue {
  if (variables.CHANNELS_FILE === undefined) return { currency: 'USD', channels: [defaultChannel(variables, faults)] };
  const json = readJson('CHANNELS_FILE', variables.CHANNELS_FILE);
  if (json === undefined) return { currency: 'USD', channels: [] };
  const file = ChannelsFile.safeParse(json);
  if (!file.success) {
    for (const issue of file.error.issues) {
      faults.add('CHANNELS_FILE', `${issue.path.join('.') || 'the file'}: ${issue.message}`);
    }
    return { currency: 'USD', channels: [] };
  }
  const channels = file.data.channels.map((channel) => ({
    ...channel,
    ambiguous_submit: channel.ambiguous_submit ?? variables.AMBIGUOUS_SUBMIT,
    inputs: channel.inputs ?? variables.UPSTREAM_INPUTS,
  }));
  for (const [i, channel] of channels.entries()) {
    if (channels.findIndex((other) => other.id === channel.id) !== i) {
      faults.add('CHANNELS_FILE', `the channel ${channel.id} is given twice`);
    }
  }
  return { currency: file.data.currency, channels };
}

function defaultChannel(variables: Variables, faults: Faults): Channel {
  if (variables.UPSTREAM_BASE_URL === undefined) {
    faults.add('UPSTREAM_BASE_URL', 'is not set (set it to: the base URL of the upstream, or set CHANNELS_FILE)');
  }
  return {
    id: 'default',
    kind: 'nano-tasks',
    base_url: variables.UPSTREAM_BASE_URL ?? '',
    api_key_env: 'UPSTREAM_API_KEY',
    weight: 1,
    max_in_flight: variables.UPSTREAM_MAX_IN_FLIGHT,
    submits_per_minute: variables.UPSTREAM_SUBMITS_PER_MINUTE,
    ambiguous_submit: variables.AMBIGUOUS_SUBMIT,
    inputs: variables.UPSTREAM_INPUTS,
    models: Object.keys(nanoModels).map((model) => ({
      id: model,
      price: variables.UPSTREAM_PRICE_PER_IMAGE,
      max_n: defaultMaxN,
      images_per_submission: defaultMaxN,
      when_short: 'accept',
      enabled: true,
    })),
  };
}

/** The key of every channel, by channel id; read by the worker only. Never logged. */
export function readUpstreamKeys(catalogue: Catalogue, env: Environment, faults: Faults): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { id: channelId, api_key_env } of catalogue.channels) {
    const key = env[api_key_env];
    const fault = key === undefined ? 'is not set' : weakSecret(key, 8);
    if (fault) faults.add(api_key_env, `${fault} (set it to: the upstream key of channel ${channelId})`);
    else keys.set(channelId, key!);
  }
  return keys;
}
