import { z } from 'zod';
import type { Environment, Faults, ReadJson, Variables } from '../config/index.ts';
import { type ApiKey, apiKey, findApiKey } from './apiKeys.ts';
import { weakSecret } from './weakSecret.ts';

/** 128 random bits are 22 characters of base64. */
const keyLength = 'sk-'.length + 22;

/** A client with its share and its limits; 0 means none. */
export type ClientKey = ApiKey & { weight: number; requestsPerMinute: number; maxOpenTasks: number };

const KeysFile = z.object({
  keys: z.array(
    z.strictObject({
      name: z.string(),
      key_env: z.string(),
      weight: z.number().min(0.001).max(1000).default(1),
      requests_per_minute: z.number().int().min(0).optional(),
      max_open_tasks: z.number().int().min(0).optional(),
    }),
  ),
});

/** The clients of `API_KEYS` and `KEYS_FILE`. Faults are added under the variable's name. */
export function readClientKeys(
  variables: Variables,
  env: Environment,
  readJson: ReadJson,
  faults: Faults,
): ClientKey[] {
  const keys: ClientKey[] = [];
  const general = {
    requestsPerMinute: variables.LIMIT_REQUESTS_PER_MINUTE,
    maxOpenTasks: variables.LIMIT_OPEN_TASKS,
  };
  const add = (where: string, name: string, secret: string, rest: Omit<ClientKey, keyof ApiKey>) => {
    // A name that looks like a key is one, put in the wrong place: it is not repeated.
    if (/^sk-/i.test(name) || !/^[A-Za-z0-9._-]{1,64}$/.test(name)) {
      faults.add(where, 'a name must be 1-64 characters of A-Z a-z 0-9 . _ - and not begin with sk-');
    } else if (keys.some((key) => key.name === name)) faults.add(where, `the name ${name} is given twice`);
    else if (!secret.startsWith('sk-')) faults.add(where, `the key of ${name} must begin with sk-`);
    else {
      const weak = weakSecret(secret, keyLength);
      const key = { ...apiKey(name, secret), ...rest };
      if (weak) faults.add(where, `the key of ${name} ${weak}; make one with 128 random bits`);
      else if (findApiKey(keys, secret)) faults.add(where, `the key of ${name} is another one's too`);
      else keys.push(key);
    }
  };
  if (variables.API_KEYS !== undefined) {
    for (const entry of variables.API_KEYS.split(',')) {
      const colon = entry.indexOf(':');
      if (colon < 0) faults.add('API_KEYS', 'every entry must be name:sk-…');
      else add('API_KEYS', entry.slice(0, colon).trim(), entry.slice(colon + 1).trim(), { weight: 1, ...general });
    }
  }
  if (variables.KEYS_FILE !== undefined) {
    const json = readJson('KEYS_FILE', variables.KEYS_FILE);
    const file = json === undefined ? undefined : KeysFile.safeParse(json);
    for (const issue of file?.error?.issues ?? []) {
      faults.add('KEYS_FILE', `${issue.path.join('.') || 'the file'}: ${issue.message}`);
    }
    for (const [i, key] of (file?.data?.keys ?? []).entries()) {
      const secret = env[key.key_env];
      // What stands in `key_env` is not repeated: it may be the key itself.
      if (secret === undefined) faults.add('KEYS_FILE', `keys.${i}.key_env: names a variable that is not set`);
      else
        add('KEYS_FILE', key.name, secret, {
          weight: key.weight,
          requestsPerMinute: key.requests_per_minute ?? general.requestsPerMinute,
          maxOpenTasks: key.max_open_tasks ?? general.maxOpenTasks,
        });
    }
  }
  if (variables.API_KEYS === undefined && variables.KEYS_FILE === undefined) {
    faults.add('API_KEYS', 'is not set; without a key nobody can call the API (set it to: name:sk-…)');
  }
  return keys;
}

/** The admin's password, or undefined when `/admin` is closed. */
export function readAdminPassword(password: string | undefined, faults: Faults): string | undefined {
  if (password === undefined) return undefined;
  const weak = weakSecret(password, 12);
  if (weak) faults.add('ADMIN_PASSWORD', `${weak}; leave it unset to close /admin`);
  return password;
}
