#!lua
-- Writes a new batch's record, unless one stands under its id or the caller has stopped waiting.
-- KEYS batch: the record (hash) | running: ids of the shard's batches that have not ended (zset)
-- ARGV id: the batch's id | fingerprint: of the request | late_after: ms since epoch by Redis' clock | now: ms since epoch | fields: JSON array of field, value, ...
-- RETURNS created | repeated | clash | late
local batch, running = KEYS[1], KEYS[2]
local id, fingerprint, late_after, now, fields = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], cjson.decode(ARGV[5])
local stands = redis.call('HGET', batch, 'fingerprint')
if stands then
  if stands == fingerprint then return 'repeated' end
  return 'clash'
end
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) > late_after then return 'late' end
redis.call('HSET', batch, 'id', id, 'fingerprint', fingerprint, unpack(fields))
redis.call('ZADD', running, now, id)
return 'created'
