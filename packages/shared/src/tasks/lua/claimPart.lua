#!lua flags=allow-oom
-- Claims one part of a task for a worker: the fence rises, so that every earlier holder's writes are refused from now on.
-- KEYS task: the record (hash)
-- ARGV part: number of the part
-- RETURNS claimed | final | missing
-- Behind `claimed` and `final` stands the whole record as field, value, ...
local task, prefix = KEYS[1], 'p' .. ARGV[1] .. '.'
local state = redis.call('HGET', task, prefix .. 'state')
if not state then return 'missing' end
local word = 'final'
if state == 'queued' or state == 'submitting' or state == 'running' or state == 'storing' then
  word = 'claimed'
  redis.call('HINCRBY', task, prefix .. 'fence', 1)
  redis.call('HINCRBY', task, prefix .. 'starts', 1)
end
return { word, redis.call('HGETALL', task) }
