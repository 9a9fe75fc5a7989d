#!lua
-- Remembers that a request was sent in, before its task is made, for as long as an SDK may send it again.
-- KEYS sent: ids of the same request's tasks (zset), by answers * 2^42 + ms since epoch
-- ARGV id: of the task to be | now: ms since epoch | window: ms | most: how many are kept
-- RETURNS noted
local sent = KEYS[1]
local id, now, window, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
-- Those answered most often are the likeliest to have arrived.
if redis.call('ZCARD', sent) >= most then redis.call('ZPOPMAX', sent) end
redis.call('ZADD', sent, 'NX', now, id)
redis.call('PEXPIRE', sent, window)
return 'noted'
