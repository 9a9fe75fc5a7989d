#!lua flags=allow-oom
-- Puts a finished task's record back as its manifest has it, where Redis has an older one or none.
-- KEYS task: the record (hash) | open: ids of the shard's unfinished tasks (zset) | done: ids of its finished tasks (zset) | ends: sharded channel told at a task's end
-- ARGV id: the task's id | fields: JSON array of field, value, ... of the finished record | finished_at: ms since epoch of its end
-- RETURNS restored | final
local task, open, done, ends, id, fields, finished_at = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], cjson.decode(ARGV[2]), ARGV[3]
local status = redis.call('HGET', task, 'status')
if status == 'succeeded' or status == 'failed' or status == 'canceled' then return 'final' end
redis.call('DEL', task)
for i = 1, #fields, 2 do redis.call('HSET', task, fields[i], fields[i + 1]) end
redis.call('ZREM', open, id)
redis.call('ZADD', done, finished_at, id)
redis.call('SPUBLISH', ends, id .. ' ' .. redis.call('HGET', task, 'status'))
return 'restored'
