import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { weakSecret } from '@darkroom/shared/keys';
import { z } from 'zod';
import { CannotGoOn } from '../cannotGoOn.ts';

const Secrets = z.object({
  /** A client's key, `sk-…`. */
  api_key: z.string().min(20),
  admin_password: z.string().min(16),
  /** As SIGNING_KEYS: `id:secret`, comma-separated. */
  signing_keys: z.string().min(20),
  /** What the simulator asks of the worker, `sk-…`. */
  upstream_key: z.string().min(20),
});

/** What the embedded start makes for itself where the environment gives none. */
export type Secrets = z.infer<typeof Secrets>;

/** 256 bits: twice what is asked of an API key, and exactly what is asked of a signing key. */
const secret_bytes = 32;

/**
 * Reads `secrets.json` in `dir`, or makes it, readable by its owner only. Two starts at once get the same secrets.
 * @throws CannotGoOn when the file cannot be read or is not what it was made as
 */
export async function keepSecrets(dir: string): Promise<Secrets> {
  const file = join(dir, 'secrets.json');
  await mkdir(dir, { recursive: true });
  return (await read(file)) ?? (await make(file));
}

async function read(file: string): Promise<Secrets | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    await chmod(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CannotGoOn(`${file} cannot be read (${(error as Error).message}).`);
  }
  const parsed = Secrets.safeParse(json(text));
  if (parsed.success) return parsed.data;
  // The file's content must not show up in the message.
  throw new CannotGoOn(`${file} is damaged; remove it and new secrets are made (signed URLs given out so far end).`);
}

async function make(file: string): Promise<Secrets> {
  const secrets: Secrets = {
    api_key: `sk-${secret()}`,
    admin_password: secret(),
    signing_keys: `k1:${secret()}`,
    upstream_key: `sk-${secret()}`,
  };
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    // A link fails where the file has appeared meanwhile: then the other start's secrets hold.
    await link(draft, file);
    return secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new CannotGoOn(`${file} cannot be written (${(error as Error).message}).`);
    }
    return (await read(file)) ?? secrets;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Drawn again where chance wrote something that API and worker take for a placeholder, such as `xxxx`. */
function secret(): string {
  for (;;) {
    const drawn = randomBytes(secret_bytes).toString('base64url');
    if (!weakSecret(drawn, secret_bytes)) return drawn;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
