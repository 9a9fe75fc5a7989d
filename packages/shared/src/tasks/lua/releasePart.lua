#!lua flags=allow-oom
-- Notes that a worker handed a part back alive: its starts no longer count towards poison.
-- KEYS task: the record (hash)
-- ARGV part: number of the part | fence: number of the caller's claim
-- RETURNS released | missing | stale_fence
local task, prefix = KEYS[1], 'p' .. ARGV[1] .. '.'
local fence = redis.call('HGET', task, prefix .. 'fence')
if not fence then return 'missing' end
if fence ~= ARGV[2] then return 'stale_fence' end
redis.call('HSET', task, prefix .. 'starts', 0)
return 'released'
