#!lua
-- Draws virtual start tags for an API key's next jobs (start-time fair queueing): a key that has many waiting gets late
-- tags, a key that has none gets the tag of the job that is served next.
-- KEYS waiting: BullMQ's waiting jobs of the queue (zset), by priority * 2^32 + a running number | tags: next tag of each API key in this band (hash)
-- ARGV key: the API key's id | count: of jobs | stride: how far a job moves its key on | start: the band's first priority | size: of the band, priorities
-- RETURNS drawn
-- Behind `drawn` stand the priority before that of the first job, as a decimal fraction, and the tag at the band's head.
local waiting, tags = KEYS[1], KEYS[2]
local key, count, stride, start, size = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local per_priority = 4294967296
local low, high = string.format('%.0f', start * per_priority), string.format('(%.0f', (start + size) * per_priority)
local head = redis.call('ZRANGEBYSCORE', waiting, low, high, 'WITHSCORES', 'LIMIT', 0, 1)
local virtual_time = 0
if #head == 0 then
  -- Nobody waits: whoever had many is even with the others again.
  redis.call('DEL', tags)
else
  virtual_time = math.floor(tonumber(head[2]) / per_priority) - start
end
local first = math.max(virtual_time, tonumber(redis.call('HGET', tags, key) or '0'))
local after = first + count * stride
redis.call('HSET', tags, key, string.format('%.6f', after))
return { 'drawn', string.format('%.6f', start + first), virtual_time }
