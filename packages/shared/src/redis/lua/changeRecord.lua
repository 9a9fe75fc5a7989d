#!lua flags=allow-oom
-- Writes fields of a record, unless it is gone: what comes late must not leave a record of a few fields behind.
-- KEYS record: (hash)
-- ARGV fields: JSON array of field, value, ... to write | dropped: JSON array of fields to remove | counted: field that grows by one, or empty
-- RETURNS changed | missing
local record, fields, dropped = KEYS[1], cjson.decode(ARGV[1]), cjson.decode(ARGV[2])
if redis.call('EXISTS', record) == 0 then return 'missing' end
if #fields > 0 then redis.call('HSET', record, unpack(fields)) end
if #dropped > 0 then redis.call('HDEL', record, unpack(dropped)) end
if ARGV[3] ~= '' then redis.call('HINCRBY', record, ARGV[3], 1) end
return 'changed'
