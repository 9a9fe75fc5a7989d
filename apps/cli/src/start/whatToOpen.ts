import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CannotGoOn } from '../cannotGoOn.ts';
import type { Environment } from './environment.ts';

const KeysFile = z.object({ keys: z.array(z.object({ key_env: z.string() })).min(1) });

/**
 * The API key that the demonstration and the pasted curl use: the first of API_KEYS, else the first of KEYS_FILE.
 * @throws CannotGoOn when the environment names none
 */
export async function clientKey(env: Environment): Promise<string> {
  const first = env.API_KEYS?.split(',')[0]?.trim() ?? '';
  const key = first.slice(first.indexOf(':') + 1);
  if (key) return key;
  const named = env.KEYS_FILE ? await keyOfFile(env.KEYS_FILE, env) : undefined;
  if (named) return named;
  throw new CannotGoOn('There is no API key to use: API_KEYS and KEYS_FILE name none.');
}

async function keyOfFile(file: string, env: Environment): Promise<string | undefined> {
  try {
    const { keys } = KeysFile.parse(JSON.parse(await readFile(file, 'utf8')));
    return env[keys[0]!.key_env];
  } catch {
    throw new CannotGoOn(`KEYS_FILE (${file}) cannot be read as a list of keys.`);
  }
}

export interface WhatToOpen {
  /** Where the API is called. */
  baseUrl: string;
  /** The password of `admin` where it is ours to tell; else undefined: it was given, and is not repeated. */
  adminPassword: string | undefined;
  secretsFile: string;
  /** The key to paste; undefined where it was given and the output may be a log. */
  apiKey: string | undefined;
  model: string;
  picture?: { url: string; dir: string };
}

/** The lines that end a start: what to look at, and a curl to paste. */
export function whatToOpen(what: WhatToOpen): string[] {
  const { baseUrl, adminPassword, secretsFile, picture } = what;
  const password = adminPassword ? `${adminPassword}  (kept in ${secretsFile})` : 'the value of ADMIN_PASSWORD';
  const lines = ['', `Bull Board   ${baseUrl}/admin/queues`, `             user admin, password ${password}`];
  if (picture) lines.push(`a picture    ${picture.url}`, `pictures     ${picture.dir}`);
  return [...lines, '', 'Paste this to make one:', '', ...curl(what), '', 'Ctrl-C ends it all.'];
}

function curl({ baseUrl, apiKey, model }: WhatToOpen): string[] {
  const body = JSON.stringify({ model, prompt: 'A pear on a table', aspect_ratio: '1:1' });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
  const key = apiKey ?? '$(printf %s "${API_KEYS%%,*}" | sed "s/^[^:]*://")';
  return [
    `KEY="${key}"`,
    `TASK=$(curl -s ${baseUrl}/v1/images/tasks -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `  -d '${body}' | sed 's/.*"task_id":"\\([^"]*\\)".*/\\1/')`,
    `curl -s "${baseUrl}/v1/images/tasks/$TASK?wait=60" -H "Authorization: Bearer $KEY"`,
  ];
}
