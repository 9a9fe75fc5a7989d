#!lua flags=allow-oom
-- Writes something, so that its connection has a place in the append-only file that it can wait for.
-- KEYS mark: of no meaning (string)
-- ARGV now: ms since epoch
-- RETURNS marked
redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000)
return 'marked'
