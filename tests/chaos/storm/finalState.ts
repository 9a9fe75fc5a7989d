import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyNames } from '@darkroom/shared/redis';
import { manifestKey, parseManifest, parseRecord, publicTask, type TaskRecord } from '@darkroom/shared/tasks';
import { orderOf } from '../clients/orders.ts';
import type { TaskEnd } from '../history/lines.ts';
import type { House } from '../house/house.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Writes down how it all stands: every record, key and object, and what the upstream and the operators' lists say. */
export async function writeFinalState(house: House): Promise<void> {
  const records = await writeKeys(house);
  await writeObjects(house, records);
  await writeUpstream(house);
  await writeLists(house);
}

function recordLine(task: TaskRecord): TaskEnd {
  const shown = publicTask(task, (key) => key);
  return {
    t: 'record',
    task_id: task.id,
    key_id: task.key_id,
    order: orderOf(task.request.prompt),
    status: task.status,
    created_at_ms: task.created_at_ms,
    unit_price: task.unit_price,
    actual: shown.metadata.cost.actual,
    possibly_duplicated: task.possibly_duplicated,
    error: task.error?.code ?? null,
    parts: task.parts.map(({ state, fence, attempt, unknowns, upstream_task_id, images }) => ({
      ...{ state, fence, attempt, unknowns, upstream_task_id: upstream_task_id ?? null },
      images: (images ?? []).map(({ key, sha256: sum, bytes }) => ({ key, sha256: sum, bytes })),
    })),
  };
}

/** @returns ids of the tasks that have a record in Redis */
async function writeKeys({ redis, history }: House): Promise<Set<string>> {
  const { admin } = redis.main;
  const ids = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await admin.scan(cursor, 'COUNT', 1000);
    cursor = next;
    for (const key of keys) {
      const [type, ttl_ms] = await Promise.all([admin.type(key), admin.pttl(key)]);
      history.add({ t: 'key', key, type, ttl_ms });
      if (!/:task:task_\w+$/.test(key)) continue;
      const task = parseRecord(await admin.hgetall(key));
      if (!task) continue;
      ids.add(task.id);
      history.add(recordLine(task));
    }
  } while (cursor !== '0');
  return ids;
}

/** Objects, and the tasks that only storage knows any more. */
async function writeObjects({ storage, history }: House, records: Set<string>): Promise<void> {
  const entries = await readdir(storage.objects, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(storage.objects.length + 1);
    const bytes = await readFile(path);
    history.add({ t: 'object', key, bytes: bytes.length, sha256: sha256(bytes) });
    const id = key.split('/')[0]!;
    if (key !== manifestKey(id as never) || records.has(id)) continue;
    const manifest = parseManifest(bytes.toString());
    if (manifest) history.add(recordLine(manifest.task));
  }
}

async function writeUpstream({ upstream, history }: House): Promise<void> {
  for (const { at, idempotencyKey, outcome, status, upstreamTaskId } of upstream.submissions()) {
    const line = { t: 'submission', at_ms: at, idempotency_key: idempotencyKey, outcome, status } as const;
    history.add({ ...line, upstream_task_id: upstreamTaskId });
  }
  for (const { id, idempotencyKey, phase, n } of upstream.tasks()) {
    const pictures = (await upstream.drawn(id)).map(sha256);
    history.add({ t: 'upstream_task', id, idempotency_key: idempotencyKey, phase, n, sha256: pictures });
  }
}

async function writeLists({ redis, history, prefix }: House): Promise<void> {
  const keys = keyNames(prefix);
  const { admin } = redis.main;
  const list = (what: 'orphan' | 'duplicate', texts: string[]) => {
    for (const text of texts) {
      const { task_id, upstream_task_id = null } = JSON.parse(text);
      history.add({ t: 'listed', what, task_id, upstream_task_id });
    }
  };
  for (const { duplicates } of keys.shards()) list('duplicate', await admin.zrange(duplicates, '0', '-1'));
  for (const channel of ['main', 'second', 'doomed', 'patient']) {
    list('orphan', await admin.zrange(keys.orphans(channel), '0', '-1'));
  }
  for (const task_id of await admin.zrange(keys.unowned(), '0', '-1')) {
    history.add({ t: 'listed', what: 'unowned', task_id, upstream_task_id: null });
  }
}
