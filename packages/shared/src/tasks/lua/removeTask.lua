#!lua flags=allow-oom
-- Removes all that Redis knows of a finished task, and lists it among the removals until storage has nothing of it either.
-- KEYS task: the record (hash) | done: ids of the shard's finished tasks without a known manifest (zset) | kept: ids of those with record and manifest (zset) | archived: ids of those without a record (zset) | removals: ids of removed tasks (zset)
-- ARGV id: the task's id | now: ms since epoch
-- RETURNS removed | unfinished
local task, id, now = KEYS[1], ARGV[1], ARGV[2]
if redis.call('EXISTS', task) == 1 and redis.call('HEXISTS', task, 'finished_at_ms') == 0 then return 'unfinished' end
redis.call('DEL', task)
redis.call('ZREM', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
redis.call('ZREM', KEYS[4], id)
redis.call('ZADD', KEYS[5], now, id)
return 'removed'
