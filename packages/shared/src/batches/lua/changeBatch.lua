#!lua flags=allow-oom
-- Changes a batch's status, if it may leave the one it has.
-- KEYS batch: the record (hash) | running: ids of the shard's batches that have not ended (zset) | ended: ids of those that have (zset), by their end, ms | open: lines that were released and have not ended (hash)
-- ARGV id: the batch's id | from: statuses it may leave, comma-separated | to: status it enters | ends: 1 when nothing follows | now: ms since epoch | fields: JSON array of field, value, ...
-- RETURNS changed | missing | not_allowed | lines_open
-- `lines_open`: a batch is not finalized, and does not end, while lines of it are open.
local batch, running, ended, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, from, to, ends, now, fields = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6])
local status = redis.call('HGET', batch, 'status')
if not status then return 'missing' end
if not string.find(',' .. from .. ',', ',' .. status .. ',', 1, true) then return 'not_allowed' end
if (to == 'finalizing' or ends == '1') and redis.call('HLEN', open) > 0 then return 'lines_open' end
redis.call('HSET', batch, 'status', to, to .. '_at_ms', now)
if #fields > 0 then redis.call('HSET', batch, unpack(fields)) end
if ends == '1' then
  redis.call('ZREM', running, id)
  redis.call('ZADD', ended, now, id)
end
return 'changed'
