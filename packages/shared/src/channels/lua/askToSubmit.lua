#!lua flags=allow-oom
-- Asks how many of a channel's waiting submissions may leave now, by rate (GCRA), hold, pause and circuit, and takes their turns.
-- KEYS gate: the channel's gate (hash: tat, held_until, paused, circuit, open_until, probe_until)
-- ARGV interval: ms between submissions, 0 for no limit | burst: submissions that may leave at once | probe: ms a probe may take before another may leave | wanted: submissions that wait, at least 1
-- RETURNS go | wait
-- Behind `go` stand how many may leave, at least 1, and `probe` when that one tests a half-open circuit, else `normal`.
-- Behind `wait` stand the ms to wait (at least 1) and why: rate, held, paused, open, probing.
local gate, interval, burst = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local probe, turns = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local h = redis.call('HMGET', gate, 'tat', 'held_until', 'paused', 'circuit', 'open_until', 'probe_until')
local tat, held_until = tonumber(h[1] or '0'), tonumber(h[2] or '0')
if h[3] == '1' then return { 'wait', 1000, 'paused' } end
if held_until > now then return { 'wait', held_until - now, 'held' } end
local kind = 'normal'
if h[4] == 'open' or h[4] == 'half_open' then
  local open_until, probe_until = tonumber(h[5] or '0'), tonumber(h[6] or '0')
  if h[4] == 'open' and open_until > now then return { 'wait', open_until - now, 'open' } end
  if h[4] == 'half_open' and probe_until > now then return { 'wait', math.min(1000, probe_until - now), 'probing' } end
  kind, turns = 'probe', 1
end
if interval > 0 then
  local start = math.max(tat, now)
  local early = start - now - interval * (burst - 1)
  if early > 0 then return { 'wait', math.ceil(early), 'rate' } end
  turns = math.min(turns, math.floor(-early / interval) + 1)
  redis.call('HSET', gate, 'tat', start + turns * interval)
end
if kind == 'probe' then redis.call('HSET', gate, 'circuit', 'half_open', 'probe_until', now + probe) end
return { 'go', turns, kind }
