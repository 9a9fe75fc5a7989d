#!lua flags=allow-oom
-- Pulls jobs to the band's head that wait behind every tag that was ever drawn: they had drawn theirs, and were not yet
-- added, when the band was shifted down.
-- KEYS waiting: BullMQ's waiting jobs of the queue (zset), by priority * 2^32 + a running number | tags: next tag of each API key in this band (hash)
-- ARGV start: the band's first priority | size: of the band, priorities | job: what BullMQ's key of a job begins with
-- RETURNS pulled
-- Behind `pulled` stands how many.
local waiting, tags = KEYS[1], KEYS[2]
local start, size, job = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local per_priority = 4294967296
local low, high = string.format('%.0f', start * per_priority), string.format('(%.0f', (start + size) * per_priority)
local head = redis.call('ZRANGEBYSCORE', waiting, low, high, 'WITHSCORES', 'LIMIT', 0, 1)
if #head == 0 then return { 'pulled', 0 } end
local first = math.floor(tonumber(head[2]) / per_priority)
local last = first
for _, tag in ipairs(redis.call('HVALS', tags)) do last = math.max(last, start + tonumber(tag)) end
local stragglers = redis.call('ZRANGEBYSCORE', waiting, string.format('%.0f', (math.floor(last) + 1) * per_priority), high, 'WITHSCORES')
for i = 1, #stragglers, 2 do
  local running_number = tonumber(stragglers[i + 1]) % per_priority
  redis.call('ZADD', waiting, 'XX', string.format('%.0f', first * per_priority + running_number), stragglers[i])
  redis.call('HSET', job .. stragglers[i], 'priority', string.format('%.0f', first))
end
return { 'pulled', #stragglers / 2 }
