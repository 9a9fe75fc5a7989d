#!lua
-- Writes the record of a delivery that is to be made, whole or not at all, unless it stands already.
-- KEYS delivery: the record (hash)
-- ARGV fields: JSON array of field, value, ... | keep: ms that it lasts
-- RETURNS created | known
-- What an older release left half written is made whole.
if redis.call('HEXISTS', KEYS[1], 'status') == 1 and redis.call('HEXISTS', KEYS[1], 'id') == 1 then return 'known' end
redis.call('HSET', KEYS[1], 'status', 'pending', unpack(cjson.decode(ARGV[1])))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'created'
