#!lua flags=allow-oom
-- Notes how a channel's submission went: holds it after "not now", opens or closes its circuit.
-- KEYS gate: the channel's gate (hash)
-- ARGV outcome: answered, failed, refused_channel or not_now | hold: ms nobody may submit after not_now | threshold: failures in a row that open the circuit | cooldown: ms the circuit is open at first | cooldown_max: ms it is open at most | reason: why, in words
-- RETURNS closed | open | held
local gate, outcome, hold, threshold = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local cooldown, cooldown_max, reason = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local h = redis.call('HMGET', gate, 'held_until', 'failures', 'circuit', 'cooldown')
local function open_circuit()
  -- Submissions that left before it opened fail too; only a failed probe makes the pause longer.
  if h[3] == 'open' then return 'open' end
  local pause = cooldown
  if h[3] == 'half_open' then pause = math.min(cooldown_max, 2 * tonumber(h[4] or cooldown)) end
  redis.call('HSET', gate, 'circuit', 'open', 'open_until', now + pause, 'cooldown', pause, 'reason', reason)
  return 'open'
end
if outcome == 'not_now' then
  redis.call('HSET', gate, 'held_until', math.max(tonumber(h[1] or '0'), now + hold))
  if h[3] then redis.call('HDEL', gate, 'circuit', 'open_until', 'probe_until', 'cooldown', 'reason', 'failures') end
  return 'held'
end
if outcome == 'refused_channel' then return open_circuit() end
if outcome == 'failed' then
  local failures = redis.call('HINCRBY', gate, 'failures', 1)
  if failures >= threshold or h[3] then return open_circuit() end
  return 'closed'
end
if h[2] or h[3] then redis.call('HDEL', gate, 'circuit', 'open_until', 'probe_until', 'cooldown', 'reason', 'failures') end
return 'closed'
