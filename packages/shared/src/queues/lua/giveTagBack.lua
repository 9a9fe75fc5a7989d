#!lua flags=allow-oom
-- Gives the tag of a waiting job back that is to leave the queue unserved, if it was its API key's last: the key is not
-- to pay for what it canceled.
-- KEYS job: BullMQ's job (hash) | tags: next tag of each API key in this band (hash)
-- ARGV key: the API key's id | stride: how far the job moved its key on | start: the band's first priority
-- RETURNS given_back | kept
local job, tags = KEYS[1], KEYS[2]
local key, stride, start = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local priority = tonumber(redis.call('HGET', job, 'priority') or '0')
local before = tonumber(redis.call('HGET', tags, key) or '0') - stride
if before < 0 or start + math.floor(before + 0.000001) ~= priority then return 'kept' end
redis.call('HSET', tags, key, string.format('%.6f', before))
return 'given_back'
