import { type Catalogue, readCatalogue, readUpstreamKeys } from '@darkroom/shared/channels';
import { readVariables } from '@darkroom/shared/config';
import { parseCidrs } from '@darkroom/shared/egress';
import { readSigningKeys, readStorageSettings, type StorageSettings } from '@darkroom/shared/images';
import { readAdminPassword, readClientKeys } from '@darkroom/shared/keys';
import { type RedisSettings, readRedisSettings, readTrustSettings, type TrustSettings } from '@darkroom/shared/redis';
import type { Environment } from '../start/environment.ts';

/** Whose environment it is: clients' keys are the API's alone, upstream keys the worker's. */
export type Whose = 'api' | 'worker' | 'both';

export type Checkable = { redis: RedisSettings; trust: TrustSettings; storage: StorageSettings; catalogue: Catalogue };

/** Reads the environment as the processes do. @returns everything that is wrong with it, and what can be checked */
export function readEnvironment(env: Environment, whose: Whose): { faults: readonly string[]; checkable: Checkable } {
  const { variables, faults, readJson } = readVariables(env);
  const catalogue = readCatalogue(variables, readJson, faults);
  if (whose !== 'worker') {
    readClientKeys(variables, env, readJson, faults);
    readAdminPassword(variables.ADMIN_PASSWORD, faults);
  }
  if (whose !== 'api') readUpstreamKeys(catalogue, env, faults);
  readSigningKeys(variables.SIGNING_KEYS, faults);
  for (const name of ['REFERENCE_ALLOWED_CIDRS', 'UPSTREAM_RESULT_ALLOWED_CIDRS'] as const) {
    try {
      parseCidrs(variables[name]);
    } catch {
      faults.add(name, 'must be comma-separated networks such as 10.0.0.0/8');
    }
  }
  const checkable = {
    redis: readRedisSettings(variables),
    trust: readTrustSettings(variables),
    storage: readStorageSettings(variables),
    catalogue,
  };
  return { faults: faults.lines, checkable };
}
