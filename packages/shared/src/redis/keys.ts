import { crc32 } from 'node:zlib';

/** Records are spread over this many hash tags. 64 land 20-24-20 on three cluster masters, 16 land 5-8-3. */
export const shardCount = 64;

/**
 * string: that the data of this Redis was restored from a backup (JSON). It is about the Redis, so all installations
 * that share it have it in common.
 */
export const restoredKey = '{darkroom}:restored';

/** string: what `auto-aof-rewrite-percentage` was before a backup set it to 0; as `restoredKey`, of the Redis itself */
export const rewritesHeldKey = '{darkroom}:rewrites-held';

/** string: written at the beginning of a backup, and looked for in the copy */
export const backupMarkKey = '{darkroom}:backup-mark';

/**
 * Builds every Redis key that is ours. Keys hold only ids we minted, never client text, so that no request can
 * name another one's key. All keys of one script share one hash tag, so everything fits Redis Cluster.
 * @param prefix  `QUEUE_PREFIX`: letters, digits and dashes; lets two installations share one Redis
 */
export function keyNames(prefix: string) {
  const shard = (n: number) => `{${prefix}:s${String(n).padStart(2, '0')}}`;
  const shardOf = (id: string) => shard(crc32(id) % shardCount);
  return {
    ...taskKeys(shardOf),
    ...batchKeys(shardOf),
    ...shardKeys(shard),
    ...ownerKeys((keyId) => `{${prefix}:k:${keyId}}`),
    ...channelKeys((channelId) => `{${prefix}:${channelId}}`),
    ...upkeepKeys(`{${prefix}:upkeep}`),
    /** BullMQ's own `prefix` for the queue of batches; carries the hash tag */
    batchPrefix: () => `{${prefix}:batches}`,
    /** BullMQ's own `prefix` for the queue of deliveries; carries the hash tag */
    deliveryPrefix: () => `{${prefix}:deliveries}`,
  };
}

export type KeyNames = ReturnType<typeof keyNames>;

const taskKeys = (shardOf: (taskId: string) => string) => ({
  /** hash: the task's record */
  task: (taskId: string) => `${shardOf(taskId)}:task:${taskId}`,
  /** zset: ids of the shard's unfinished tasks by time of their last change, ms since the epoch */
  open: (taskId: string) => `${shardOf(taskId)}:open`,
  /** zset: ids of the shard's finished tasks whose manifest is not yet known to be stored, by time of their end, ms */
  done: (taskId: string) => `${shardOf(taskId)}:done`,
  /** zset: ids of its finished tasks with record and manifest, by time of their end, ms since the epoch */
  kept: (taskId: string) => `${shardOf(taskId)}:kept`,
  /** zset: ids of its finished tasks whose record has gone and whose manifest answers, by time of their end, ms */
  archived: (taskId: string) => `${shardOf(taskId)}:archived`,
  /** zset: ids of its removed tasks, by time of their removal, until nothing in storage is left of them */
  removals: (taskId: string) => `${shardOf(taskId)}:removals`,
  /** zset: submissions of its tasks that may have been paid for twice (JSON), by when they were marked, ms */
  duplicates: (taskId: string) => `${shardOf(taskId)}:duplicates`,
  /** sharded channel: `<task id> <status>` at every end of a task of this shard */
  ends: (taskId: string) => `${shardOf(taskId)}:ends`,
});

const batchKeys = (shardOf: (id: string) => string) => ({
  /** hash: a batch's record */
  batch: (batchId: string) => `${shardOf(batchId)}:batch:${batchId}`,
  /** hash: lines of a batch that were released and have not ended, and the money held for each */
  openLines: (batchId: string) => `${shardOf(batchId)}:batch:${batchId}:open`,
  /** hash: lines of a batch that have no task, and why (JSON) */
  refusedLines: (batchId: string) => `${shardOf(batchId)}:batch:${batchId}:refused`,
  /** zset: ids of the shard's batches that have not ended, by time of creation, ms since the epoch */
  runningBatches: (batchId: string) => `${shardOf(batchId)}:batches`,
  /** zset: ids of the shard's batches that have ended, by time of their end, ms since the epoch */
  endedBatches: (batchId: string) => `${shardOf(batchId)}:batches-ended`,
  /** zset: ids of the shard's batches that are being removed, by time of their removal, ms since the epoch */
  removedBatches: (batchId: string) => `${shardOf(batchId)}:batches-removed`,
  /** hash: a file's record */
  file: (fileId: string) => `${shardOf(fileId)}:file:${fileId}`,
  /** zset: ids of the shard's files by time of creation, ms since the epoch */
  files: (fileId: string) => `${shardOf(fileId)}:files`,
});

const shardKeys = (shard: (n: number) => string) => ({
  /** the lists of every shard, for who walks over all tasks, batches or files */
  shards: () =>
    Array.from({ length: shardCount }, (_, n) => ({
      /** what the keys of its tasks' records begin with */
      record: `${shard(n)}:task:`,
      open: `${shard(n)}:open`,
      done: `${shard(n)}:done`,
      kept: `${shard(n)}:kept`,
      archived: `${shard(n)}:archived`,
      removals: `${shard(n)}:removals`,
      duplicates: `${shard(n)}:duplicates`,
      batches: `${shard(n)}:batches`,
      batches_ended: `${shard(n)}:batches-ended`,
      batches_removed: `${shard(n)}:batches-removed`,
      files: `${shard(n)}:files`,
    })),
  endsOfAllShards: () => Array.from({ length: shardCount }, (_, n) => `${shard(n)}:ends`),
});

const ownerKeys = (owner: (keyId: string) => string) => ({
  /** zset: ids of an API key's tasks by time of creation, ms since the epoch */
  tasksOf: (keyId: string) => `${owner(keyId)}:tasks`,
  /** zset: ids of an API key's batches by time of creation, ms since the epoch */
  batchesOf: (keyId: string) => `${owner(keyId)}:batches`,
  /** zset: ids of an API key's files by time of creation, ms since the epoch */
  filesOf: (keyId: string) => `${owner(keyId)}:files`,
  /** stream: an API key's last events */
  events: (keyId: string) => `${owner(keyId)}:events`,
  /** zset: what the last events were about, by time, ms since the epoch */
  eventsSeen: (keyId: string) => `${owner(keyId)}:events-seen`,
  /** sharded channel: each event of an API key */
  eventsTold: (keyId: string) => `${owner(keyId)}:events-told`,
  /** zset: ids of an API key's webhook endpoints by time of creation, ms since the epoch */
  endpointsOf: (keyId: string) => `${owner(keyId)}:endpoints`,
  /** hash: a webhook endpoint's record */
  endpoint: (keyId: string, endpointId: string) => `${owner(keyId)}:endpoint:${endpointId}`,
  /** hash: the sealed secret that signs what is sent to the `webhook_url` of an API key's requests */
  keySecret: (keyId: string) => `${owner(keyId)}:webhook-secret`,
  /** hash: a delivery's record */
  delivery: (keyId: string, deliveryId: string) => `${owner(keyId)}:delivery:${deliveryId}`,
  /** zset: ids of the deliveries to an endpoint, or of a task, by time of creation, ms since the epoch */
  deliveriesOf: (keyId: string, id: string) => `${owner(keyId)}:deliveries:${id}`,
  /** string: requests of an API key in this minute; the library behind it adds to the name */
  requestsOf: (keyId: string) => `${owner(keyId)}:requests`,
  /** zset: ids of a limited API key's unfinished tasks, by when they took their place, ms since the epoch */
  placesOf: (keyId: string) => `${owner(keyId)}:places`,
  /** zset: ids of tasks that an API key's SDK ordered by one request lately; the fingerprint is a digest of ours */
  sent: (keyId: string, fingerprint: string) => `${owner(keyId)}:sent:${fingerprint}`,
});

const channelKeys = (channel: (channelId: string) => string) => ({
  /** BullMQ's own `prefix` for the queue of a channel; carries the hash tag */
  queuePrefix: (channelId: string) => channel(channelId),
  /** hash: submit rate, holds and circuit of a channel */
  gate: (channelId: string) => `${channel(channelId)}:gate`,
  /** hash: the pulse of the stalled check of a channel's queue */
  pulse: (channelId: string) => `${channel(channelId)}:pulse`,
  /** sharded channel: job ids whose task was canceled */
  cancels: (channelId: string) => `${channel(channelId)}:cancels`,
  /** hash: how long a channel's tasks of one model and number of pictures have lately taken; see docs/polling.md */
  durations: (channelId: string, model: string, n: number) => `${channel(channelId)}:durations:${model}:${n}`,
  /** zset: upstream tasks of a channel that nobody will fetch (JSON), by when they were listed, ms since the epoch */
  orphans: (channelId: string) => `${channel(channelId)}:orphans`,
});

const upkeepKeys = (upkeep: string) => ({
  /** BullMQ's own `prefix` for the queue of upkeep; carries the hash tag */
  upkeepPrefix: () => upkeep,
  /** string: written to learn when what came before it is on the disk of Redis, ms since the epoch */
  syncMark: () => `${upkeep}:sync-mark`,
  /** string: the folder of storage at which the walk for unowned objects goes on */
  storageCursor: () => `${upkeep}:storage-cursor`,
  /** zset: folders of storage that neither a task nor a file owned, by when that was first seen, ms since the epoch */
  unowned: () => `${upkeep}:unowned`,
});
