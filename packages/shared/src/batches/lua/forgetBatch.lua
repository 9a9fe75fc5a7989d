#!lua flags=allow-oom
-- Drops what is left in Redis of a removed batch, unless a new one stands under its id.
-- KEYS batch: the record (hash) | open: lines that were released and have not ended (hash) | refused: JSON reason of each refused line (hash) | removed: ids of the shard's batches that are being removed (zset)
-- ARGV id: the batch's id
-- RETURNS forgotten | taken_again
local batch, open, refused, removed = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
redis.call('ZREM', removed, ARGV[1])
if redis.call('EXISTS', batch) == 1 and redis.call('HEXISTS', batch, 'removed_at_ms') == 0 then return 'taken_again' end
redis.call('DEL', batch, open, refused)
return 'forgotten'
