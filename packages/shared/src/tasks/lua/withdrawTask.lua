#!lua flags=allow-oom
-- Takes back a record that was just written, unless somebody has relied on it since.
-- KEYS task: the record (hash) | open: ids of the shard's unfinished tasks (zset)
-- ARGV id: the task's id
-- RETURNS withdrawn | taken | missing
local task, open, id = KEYS[1], KEYS[2], ARGV[1]
local about = redis.call('HMGET', task, 'parts', 'status', 'repeated_at_ms')
if not about[1] then return 'missing' end
if about[2] ~= 'queued' or about[3] then return 'taken' end
for part = 0, tonumber(about[1]) - 1 do
  -- A worker that once claimed a part may come back to it.
  if redis.call('HEXISTS', task, 'p' .. part .. '.fence') == 1 then return 'taken' end
end
redis.call('DEL', task)
redis.call('ZREM', open, id)
return 'withdrawn'
