import { z } from 'zod';
import type { Behaviour } from './behaviour/directives.ts';
import { readBehaviour } from './behaviour/directiveText.ts';
import type { PictureSize } from './pictures/gallery.ts';

/** Names every variable that cannot be used; an API key is never among what it shows. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type SimulatorConfig = {
  port: number;
  host: string;
  keys: string[];
  seed: number | undefined;
  behaviour: Partial<Behaviour>;
  picture: PictureSize;
};

/** Text of directives; what it says is checked here, so that a typing error stops the start. */
const behaviourText = z.string().transform((text, context) => {
  const { behaviour, problems } = readBehaviour(text);
  for (const message of problems) context.addIssue({ code: 'custom', message });
  return behaviour;
});

const Environment = z.object({
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0).describe('port to listen on; 0: any free one'),
  SIMULATOR_HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  SIMULATOR_KEYS: z
    .string()
    .default('sk-simulator')
    .transform((text) =>
      text
        .split(',')
        .map((key) => key.trim())
        .filter(Boolean),
    )
    .refine((keys) => keys.length > 0, 'name at least one key')
    .describe('API keys it accepts, comma-separated'),
  SIMULATOR_SEED: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .optional()
    .describe('decides everything random'),
  SIMULATOR_BEHAVIOUR: behaviourText.default({}).describe('global behaviour, as `key=value key=value`'),
  SIMULATOR_PICTURE: z.enum(['full', 'tiny']).default('full').describe('full pictures, or tiny ones for benches'),
  SIMULATOR_DURATION: z
    .string()
    .default('lognormal:3000:0.3')
    .transform((text) => `duration=${text}`)
    .pipe(behaviourText)
    .describe('how long a task takes; SIMULATOR_BEHAVIOUR wins over it'),
});

/** Reads all the simulator may be told. @throws ConfigError naming every bad variable at once */
export function readSimulatorConfig(env: Readonly<Record<string, string | undefined>>): SimulatorConfig {
  const read = Environment.safeParse(env);
  if (!read.success) throw new ConfigError(z.prettifyError(read.error));
  const { data } = read;
  return {
    port: data.SIMULATOR_PORT,
    host: data.SIMULATOR_HOST,
    keys: data.SIMULATOR_KEYS,
    seed: data.SIMULATOR_SEED,
    behaviour: { ...data.SIMULATOR_DURATION, ...data.SIMULATOR_BEHAVIOUR },
    picture: data.SIMULATOR_PICTURE,
  };
}
