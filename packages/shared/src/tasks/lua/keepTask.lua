#!lua flags=allow-oom
-- Notes that a finished task's manifest is stored: from now on its record may go.
-- KEYS task: the record (hash) | done: ids of the shard's finished tasks without a known manifest (zset) | kept: ids of those with record and manifest (zset)
-- ARGV id: the task's id
-- RETURNS kept | missing
local task, done, kept, id = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local finished_at = redis.call('HGET', task, 'finished_at_ms')
if not finished_at then return 'missing' end
redis.call('ZREM', done, id)
redis.call('ZADD', kept, finished_at, id)
return 'kept'
