#!lua
-- Adds how long one task has taken to what is known of its kind, all of it fading by the growing weight of what is added.
-- KEYS durations: what is known of a kind of task (hash: n, base, drift, d<bucket> by duration, p<bucket> by what progress had foretold)
-- ARGV grains: fields and the mass for each, space-separated | memory: tasks until one has faded to 1/e | lean: from -1, all expected it later, to 1, all expected it sooner | known: n that the caller has seen | ttl: ms until it is forgotten, when nothing is added
-- RETURNS noted | told
-- Behind `told` stands the whole hash as field, value, …: the caller has not seen enough of what others have added.
local durations, memory, lean, known, ttl = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local fields, masses = {}, {}
for field, mass in string.gmatch(ARGV[1], '(%S+) (%S+)') do
  fields[#fields + 1] = field
  masses[#masses + 1] = tonumber(mass)
end
local held = redis.call('HMGET', durations, 'n', 'base', 'drift', unpack(fields))
local n, base = tonumber(held[1] or '0') + 1, tonumber(held[2] or '0')
-- Chance leans both ways. Leaning one way for long means that durations have changed: then all fades nine times as fast.
local drift = 0.9 * tonumber(held[3] or '0') + 0.1 * lean
if math.abs(drift) > 0.5 then base = base - 8 end
-- Added mass grows by this ratio from task to task, so that what was there need not be touched to fade.
local ratio = memory / (memory - 1)
local weight = ratio ^ (n - base)
local writes = { 'n', n, 'base', base, 'drift', string.format('%.6g', drift) }
for i, field in ipairs(fields) do
  writes[#writes + 1] = field
  writes[#writes + 1] = string.format('%.9g', tonumber(held[i + 3] or '0') + masses[i] * weight)
end
redis.call('HSET', durations, unpack(writes))
redis.call('PEXPIRE', durations, ttl)
-- Sixteen memories on, the first has faded to a ten-millionth: masses are brought back to one, and crumbs dropped.
if n - base >= 16 * memory then
  local all = redis.call('HGETALL', durations)
  local crumbs, kept = { 'base' }, { 'base', string.format('%.0f', n) }
  for i = 1, #all, 2 do
    local field, mass = all[i], tonumber(all[i + 1]) / weight
    if field ~= 'n' and field ~= 'base' and field ~= 'drift' then
      if mass < 0.0001 then
        crumbs[#crumbs + 1] = field
      else
        kept[#kept + 1] = field
        kept[#kept + 1] = string.format('%.9g', mass)
      end
    end
  end
  redis.call('HDEL', durations, unpack(crumbs))
  redis.call('HSET', durations, unpack(kept))
end
-- A caller that has seen more than there is knows what Redis has lost.
if n > known and n - known < math.max(1, math.min(16, math.floor(n / 8))) then return 'noted' end
return { 'told', unpack(redis.call('HGETALL', durations)) }
