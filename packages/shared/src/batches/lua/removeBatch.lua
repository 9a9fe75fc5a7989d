#!lua flags=allow-oom
-- Marks an ended batch as removed: nobody is shown it any more, and it stays among the removals until nothing is left.
-- KEYS batch: the record (hash) | ended: ids of the shard's batches that have ended (zset) | removed: ids of those that are being removed (zset)
-- ARGV id: the batch's id | ends: statuses that are an end, comma-separated | now: ms since epoch
-- RETURNS removed | unfinished | missing
local batch, ended, removed = KEYS[1], KEYS[2], KEYS[3]
local id, ends, now = ARGV[1], ARGV[2], ARGV[3]
local status = redis.call('HGET', batch, 'status')
if not status then
  redis.call('ZREM', ended, id)
  return 'missing'
end
if not string.find(',' .. ends .. ',', ',' .. status .. ',', 1, true) then return 'unfinished' end
redis.call('HSETNX', batch, 'removed_at_ms', now)
redis.call('ZREM', ended, id)
redis.call('ZADD', removed, 'NX', now, id)
return 'removed'
