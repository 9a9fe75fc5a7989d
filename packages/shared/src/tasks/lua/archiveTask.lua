#!lua flags=allow-oom
-- Drops a finished task's record; what its manifest says is all that is left of it.
-- KEYS task: the record (hash) | done: ids of the shard's finished tasks without a known manifest (zset) | kept: ids of those with record and manifest (zset) | archived: ids of those without a record (zset)
-- ARGV id: the task's id | finished_at: ms since epoch
-- RETURNS archived | unfinished
local task, done, kept, archived, id, finished_at = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2]
-- The id of an idempotency key can be taken again by a new task.
if redis.call('EXISTS', task) == 1 and redis.call('HEXISTS', task, 'finished_at_ms') == 0 then return 'unfinished' end
redis.call('DEL', task)
redis.call('ZREM', done, id)
redis.call('ZREM', kept, id)
redis.call('ZADD', archived, finished_at, id)
return 'archived'
