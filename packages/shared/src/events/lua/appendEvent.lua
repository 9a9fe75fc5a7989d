#!lua flags=allow-oom
-- Appends an event to its API key's stream and publishes it, unless it stands there already.
-- KEYS stream: the key's last events (stream) | seen: `<task id> <event> <detail>` of the last events (zset), by time, ms | told: sharded channel of the key
-- ARGV name: of the event | task: id of the task | detail: what makes it another event of the same name | now: ms since epoch | most: how many are kept | keep: ms that all of it lasts from now on, or 0 to leave that as it is
-- RETURNS appended | known
-- Behind `appended` stands the event's id.
local stream, seen, told = KEYS[1], KEYS[2], KEYS[3]
local name, task, detail, now, most, keep = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
if redis.call('ZADD', seen, 'NX', now, task .. ' ' .. name .. ' ' .. detail) == 0 then return 'known' end
local id = redis.call('XADD', stream, 'MAXLEN', '~', most, '*', 'event', name, 'task', task)
if keep > 0 then
  redis.call('ZREMRANGEBYRANK', seen, 0, -most - 1)
  redis.call('PEXPIRE', stream, keep)
  redis.call('PEXPIRE', seen, keep)
end
redis.call('SPUBLISH', told, id .. ' ' .. name .. ' ' .. task)
return { 'appended', id }
