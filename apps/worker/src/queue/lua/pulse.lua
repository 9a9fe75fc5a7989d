#!lua flags=allow-oom
-- Beats the pulse of a queue's stalled check and tells whether the check may run. After a gap in the pulse (Redis or all
-- workers were away) no lock is fresh although their holders may live, so they get time to renew first.
-- KEYS pulse: the queue's pulse (hash: beat, grace_until)
-- ARGV gap: ms without a beat that count as a gap | grace: ms that holders get
-- RETURNS check | wait
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local h = redis.call('HMGET', KEYS[1], 'beat', 'grace_until')
redis.call('HSET', KEYS[1], 'beat', now)
if not h[1] or now - tonumber(h[1]) > tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'grace_until', now + tonumber(ARGV[2]))
  return 'wait'
end
if h[2] and now < tonumber(h[2]) then return 'wait' end
return 'check'
