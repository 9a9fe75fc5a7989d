import { lieNemeses } from './lies.ts';
import { linkNemeses } from './links.ts';
import type { Nemesis } from './nemesis.ts';
import { processNemeses } from './processes.ts';
import { redisNemeses } from './redis.ts';

export type { Nemesis } from './nemesis.ts';

/** Every fault of the storm. `docs/chaos.md` shows them with what is expected. */
export const nemeses: readonly Nemesis[] = [...processNemeses, ...redisNemeses, ...linkNemeses, ...lieNemeses];
