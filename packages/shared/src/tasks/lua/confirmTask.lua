#!lua flags=allow-oom
-- Notes that a request was repeated and is answered with its task, which is not taken back from now on.
-- KEYS task: the record (hash)
-- ARGV now: ms since epoch
-- RETURNS confirmed | missing
if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
redis.call('HSET', KEYS[1], 'repeated_at_ms', ARGV[1])
return 'confirmed'
