#!lua flags=allow-oom
-- Moves a whole band of waiting jobs, and the tags of its API keys, down to where the band begins: tags only rise, and a
-- queue that never empties would reach the highest priority there is. Takes time in proportion to the jobs that wait.
-- KEYS waiting: BullMQ's waiting jobs of the queue (zset), by priority * 2^32 + a running number | tags: next tag of each API key in this band (hash)
-- ARGV start: the band's first priority | size: of the band, priorities | job: what BullMQ's key of a job begins with
-- RETURNS shifted
-- Behind `shifted` stands how far.
local waiting, tags = KEYS[1], KEYS[2]
local start, size, job = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local per_priority = 4294967296
local low, high = string.format('%.0f', start * per_priority), string.format('(%.0f', (start + size) * per_priority)
local jobs = redis.call('ZRANGEBYSCORE', waiting, low, high, 'WITHSCORES')
if #jobs == 0 then return { 'shifted', 0 } end
local by = math.floor(tonumber(jobs[2]) / per_priority) - start
if by <= 0 then return { 'shifted', 0 } end
for i = 1, #jobs, 2 do
  local score = tonumber(jobs[i + 1]) - by * per_priority
  redis.call('ZADD', waiting, 'XX', string.format('%.0f', score), jobs[i])
  redis.call('HSET', job .. jobs[i], 'priority', string.format('%.0f', math.floor(score / per_priority)))
end
local all = redis.call('HGETALL', tags)
for i = 1, #all, 2 do
  local tag = tonumber(all[i + 1]) - by
  if tag > 0 then redis.call('HSET', tags, all[i], string.format('%.6f', tag)) else redis.call('HDEL', tags, all[i]) end
end
return { 'shifted', by }
