#!lua flags=allow-oom
-- Counts the end of a released line, once: its money is no longer held, and what it cost is spent.
-- KEYS batch: the record (hash) | open: lines that were released and have not ended (hash) | refused: JSON reason of each refused line (hash)
-- ARGV line: its number | outcome: completed or failed | images: how many it has | cost: in money units | reason: JSON, for a line that has no task, or empty
-- RETURNS counted | known
local batch, open, refused = KEYS[1], KEYS[2], KEYS[3]
local line, outcome, images, cost, reason = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local held = redis.call('HGET', open, line)
if not held then return 'known' end
redis.call('HDEL', open, line)
redis.call('HINCRBY', batch, outcome, 1)
redis.call('HINCRBY', batch, 'images', images)
redis.call('HINCRBY', batch, 'spent', cost)
redis.call('HINCRBY', batch, 'reserved', string.format('%.0f', 0 - tonumber(held)))
if reason ~= '' then redis.call('HSET', refused, line, reason) end
return 'counted'
