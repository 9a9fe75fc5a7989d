-- The fence of a new claim, as it is written. `before`: the part's fence as it stands, or false
-- A Redis that went back in time (an older file, a replica that lagged) has forgotten claims whose holders live on: counted
-- on from what it still knows, the next claim would get the number of one of them. So the number is its clock, in
-- microseconds since the epoch, which has moved on; where that was put back, the fence still rises.
local clock_us
local function next_fence(before)
  if not clock_us then
    local time = redis.call('TIME')
    clock_us = time[1] * 1000000 + time[2]
  end
  -- Doubles hold it until 2255; written by Lua itself it would lose its last digits.
  return string.format('%.0f', math.max(tonumber(before or '0') + 1, clock_us))
end
