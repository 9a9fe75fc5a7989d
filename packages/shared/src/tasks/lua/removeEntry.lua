#!lua flags=allow-oom
-- Removes a task's entry from the index of its API key, unless it is not the one that the caller saw.
-- KEYS index: ids of an API key's tasks (zset)
-- ARGV id: the task's id | created_at: ms since epoch, as the caller saw it in the entry
-- RETURNS removed | changed
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then return 'changed' end
redis.call('ZREM', KEYS[1], ARGV[1])
return 'removed'
