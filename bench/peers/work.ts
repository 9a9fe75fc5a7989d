import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';

/** What every peer's worker is told by its environment. */
export type Settings = {
  storeUrl: string;
  upstreamUrl: string;
  upstreamKey: string;
  storageDir: string;
  /** most tasks at once at the upstream */
  inFlight: number;
  /** pause before each query about a task */
  pollMs: number;
};

export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const text = (name: string) => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  };
  return {
    storeUrl: text('STORE_URL'),
    upstreamUrl: text('UPSTREAM_URL'),
    upstreamKey: text('UPSTREAM_KEY'),
    storageDir: text('STORAGE_DIR'),
    inFlight: Number(text('IN_FLIGHT')),
    pollMs: Number(text('POLL_MS')),
  };
}

/** What is kept of a picture; the task's result. */
export type Picture = { file: string; bytes: number; sha256: string };

/** The work itself, the same for every peer: only how it is queued, resumed and recorded differs. */
export type Work = {
  /** Orders a picture. The same id orders the same one. @returns the upstream's id of the task */
  submit(id: string, prompt: string): Promise<string>;
  /** @returns where the picture is, or undefined while there is none */
  ask(upstreamId: string): Promise<string | undefined>;
  /** Downloads a picture and keeps it on the disk, whole or not at all. */
  keep(id: string, url: string): Promise<Picture>;
};

export function workOf({ upstreamUrl, upstreamKey, storageDir }: Settings): Work {
  const dispatcher = new Agent();
  const headers = { authorization: `Bearer ${upstreamKey}`, 'content-type': 'application/json' };
  const call = async (method: 'GET' | 'POST', path: string, more: { key?: string; body?: string } = {}) => {
    const keyed = more.key === undefined ? headers : { ...headers, 'idempotency-key': more.key };
    const { statusCode, body } = await request(upstreamUrl + path, {
      method,
      headers: keyed,
      body: more.body,
      dispatcher,
    });
    const answer = (await body.json()) as { data: { task_id: string; status: string; result_url: string | null } };
    if (statusCode !== 200) throw new Error(`the upstream answered ${statusCode}`);
    return answer.data;
  };
  return {
    async submit(id, prompt) {
      const body = JSON.stringify({ model: 'NanoBanana', prompt });
      return (await call('POST', '/v1/images/tasks', { key: id, body })).task_id;
    },
    async ask(upstreamId) {
      const { status, result_url } = await call('GET', `/v1/images/tasks/${upstreamId}`);
      if (status === 'failed') throw new Error('the upstream failed the task');
      return result_url ?? undefined;
    },
    async keep(id, url) {
      const { statusCode, body } = await request(url, { dispatcher });
      const bytes = Buffer.from(await body.arrayBuffer());
      if (statusCode !== 200) throw new Error(`the download answered ${statusCode}`);
      const file = `${id}.png`;
      await writeWhole(storageDir, file, bytes);
      return { file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
  };
}

/** Written beside, synced and renamed into place, as ours is: a finished task's picture survives a power cut. */
async function writeWhole(dir: string, file: string, bytes: Uint8Array): Promise<void> {
  const part = join(dir, '.incoming', file);
  await mkdir(join(dir, '.incoming'), { recursive: true });
  try {
    await writeFile(part, bytes, { flush: true });
    await rename(part, join(dir, file));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  const directory = await open(dir, 'r');
  await directory.sync();
  await directory.close();
}
