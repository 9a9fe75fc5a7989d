-- Computes a task's status from its parts and writes what follows from it; at the task's end it leaves `open`, enters
-- `done`, and whoever waits for it is told. Expects the task's record to hold every part's new state.
local function settle_task(task, open, done, ends, now)
  local about = redis.call('HMGET', task, 'id', 'parts', 'status', 'progress')
  local id, parts, status, progress = about[1], tonumber(about[2]), about[3], tonumber(about[4] or '0')
  local final, succeeded, canceled, started, sum, first_error = 0, 0, 0, false, 0, nil
  for part = 0, parts - 1 do
    local p = redis.call('HMGET', task, 'p' .. part .. '.state', 'p' .. part .. '.progress', 'p' .. part .. '.error')
    local state = p[1]
    if state == 'succeeded' or state == 'failed' or state == 'canceled' or state == 'expired' then final = final + 1 end
    if state == 'succeeded' then succeeded = succeeded + 1 sum = sum + 100 else sum = sum + tonumber(p[2] or '0') end
    if state == 'canceled' then canceled = canceled + 1 end
    if state == 'running' or state == 'storing' or state == 'succeeded' then started = true end
    -- Of a canceled task the cancel is told, of any other what went wrong first.
    if p[3] and (not first_error or (state == 'canceled' and canceled == 1)) then first_error = p[3] end
  end
  -- What a reader has seen never goes back: a new attempt does not return the task to `queued`, progress never falls.
  local reached = math.max(progress, math.min(99, math.floor(sum / parts)))
  if final < parts then
    if started then status = 'in_progress' end
    redis.call('HSET', task, 'status', status, 'progress', reached)
    redis.call('ZADD', open, now, id)
    return status
  end
  if canceled > 0 then status = 'canceled' elseif succeeded > 0 then status = 'succeeded' else status = 'failed' end
  if status == 'succeeded' then reached = 100 end
  redis.call('HSET', task, 'status', status, 'progress', reached, 'finished_at_ms', now)
  if status ~= 'succeeded' and first_error then redis.call('HSET', task, 'error', first_error) end
  redis.call('ZREM', open, id)
  redis.call('ZADD', done, now, id)
  redis.call('SPUBLISH', ends, id .. ' ' .. status)
  return status
end
local function remember(task, line)
  local history = (redis.call('HGET', task, 'history') or '') .. line .. '\n'
  -- A part that is tried for hours must not grow its record: the oldest lines go first.
  if #history > 2048 then history = string.gsub(string.sub(history, -1536), '^[^\n]*\n', '') end
  redis.call('HSET', task, 'history', history)
end
