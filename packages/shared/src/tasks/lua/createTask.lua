#!lua
-- Writes a new task's record, unless one stands under its id or the caller has stopped waiting.
-- A create that timed out can still reach Redis later; past `late_after` it must write nothing.
-- KEYS task: the record (hash) | open: ids of the shard's unfinished tasks (zset)
-- ARGV id: the task's id | fingerprint: of the request | late_after: ms since epoch by Redis' clock | now: ms since epoch | fields: JSON array of field, value, ...
-- RETURNS created | repeated | clash | late
local task, open = KEYS[1], KEYS[2]
local id, fingerprint, late_after, now, fields = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], cjson.decode(ARGV[5])
local stands = redis.call('HGET', task, 'fingerprint')
if stands then
  if stands == fingerprint then return 'repeated' end
  return 'clash'
end
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) > late_after then return 'late' end
redis.call('HSET', task, 'id', id, 'fingerprint', fingerprint, unpack(fields))
redis.call('ZADD', open, now, id)
return 'created'
