#!lua
-- Takes a place among an API key's unfinished tasks, if there is one. Taking it again takes nothing more.
-- KEYS places: ids of the key's unfinished tasks (zset), by when their place was taken, ms since epoch
-- ARGV id: of the task to be | now: ms since epoch | most: how many there may be
-- RETURNS taken | had | full
local places = KEYS[1]
local id, now, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('ZSCORE', places, id) then return 'had' end
if redis.call('ZCARD', places) >= most then return 'full' end
redis.call('ZADD', places, now, id)
return 'taken'
