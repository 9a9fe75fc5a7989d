-- Computes a task's status from its parts and writes what follows from it; at the task's end it leaves `open`, enters
-- `done`, and whoever waits for it is told. Expects the task's record to hold every part's new state.
local function settle_task(task, open, done, ends, now)
  -- Nearly every task has one part, so its fields are read with the task's own.
  local about = redis.call('HMGET', task, 'id', 'parts', 'status', 'progress', 'p0.state', 'p0.progress', 'p0.error')
  local id, parts, before, progress = about[1], tonumber(about[2]), about[3], tonumber(about[4] or '0')
  local told = { about[5], about[6], about[7] }
  if parts > 1 then
    local names = {}
    for part = 0, parts - 1 do
      for _, name in ipairs({ '.state', '.progress', '.error' }) do names[#names + 1] = 'p' .. part .. name end
    end
    told = redis.call('HMGET', task, unpack(names))
  end
  local final, succeeded, canceled, started, sum, first_error = 0, 0, 0, false, 0, nil
  for part = 0, parts - 1 do
    local state, reached, failure = told[3 * part + 1], told[3 * part + 2], told[3 * part + 3]
    if state == 'succeeded' or state == 'failed' or state == 'canceled' or state == 'expired' then final = final + 1 end
    if state == 'succeeded' then succeeded = succeeded + 1 sum = sum + 100 else sum = sum + tonumber(reached or '0') end
    if state == 'canceled' then canceled = canceled + 1 end
    if state == 'running' or state == 'storing' or state == 'succeeded' then started = true end
    -- Of a canceled task the cancel is told, of any other what went wrong first.
    if failure and (not first_error or (state == 'canceled' and canceled == 1)) then first_error = failure end
  end
  -- What a reader has seen never goes back: a new attempt does not return the task to `queued`, progress never falls.
  local status, reached = before, math.max(progress, math.min(99, math.floor(sum / parts)))
  if final < parts then
    if started then status = 'in_progress' end
    if status ~= before or tostring(reached) ~= about[4] then redis.call('HSET', task, 'status', status, 'progress', reached) end
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
-- A record's history with a further line. `history`: as it stands, or false
local function remembered(history, line)
  history = (history or '') .. line .. '\n'
  -- A part that is tried for hours must not grow its record: the oldest lines go first.
  if #history > 2048 then history = string.gsub(string.sub(history, -1536), '^[^\n]*\n', '') end
  return history
end
