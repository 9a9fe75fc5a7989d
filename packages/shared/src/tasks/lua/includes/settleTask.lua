-- Adds a field to those that are to be written
local function add_field(fields, field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
-- Reads what a task's status follows from. Of no task, `status` is false.
local function read_task(task)
  -- Nearly every task has one part, so its fields are read with the task's own.
  local own = redis.call('HMGET', task, 'id', 'parts', 'status', 'progress', 'history', 'p0.state', 'p0.progress', 'p0.error', 'p0.fence')
  local read = { id = own[1], status = own[3], progress = own[4], history = own[5], parts = {} }
  local count, fields = tonumber(own[2] or '0'), { unpack(own, 6) }
  if count > 1 then
    local names = {}
    for part = 0, count - 1 do
      for _, name in ipairs({ '.state', '.progress', '.error', '.fence' }) do names[#names + 1] = 'p' .. part .. name end
    end
    fields = redis.call('HMGET', task, unpack(names))
  end
  for part = 1, count do
    local state, progress, failure, fence = unpack(fields, 4 * part - 3, 4 * part)
    read.parts[part] = { state = state, progress = progress, error = failure, fence = fence }
  end
  return read
end
-- What follows for a task from the states of its parts: its status, its progress, its error where it has one, and whether it has ended
local function outcome_of(read)
  local final, succeeded, canceled, started, sum, first_error = 0, 0, 0, false, 0, nil
  for _, part in ipairs(read.parts) do
    local state = part.state
    if state == 'succeeded' or state == 'failed' or state == 'canceled' or state == 'expired' then final = final + 1 end
    if state == 'succeeded' then succeeded = succeeded + 1 sum = sum + 100 else sum = sum + tonumber(part.progress or '0') end
    if state == 'canceled' then canceled = canceled + 1 end
    if state == 'running' or state == 'storing' or state == 'succeeded' then started = true end
    -- Of a canceled task the cancel is told, of any other what went wrong first.
    if part.error and (not first_error or (state == 'canceled' and canceled == 1)) then first_error = part.error end
  end
  -- What a reader has seen never goes back: a new attempt does not return the task to `queued`, progress never falls.
  local reached = math.max(tonumber(read.progress or '0'), math.min(99, math.floor(sum / #read.parts)))
  if final < #read.parts then return started and 'in_progress' or read.status, reached, nil, false end
  if canceled > 0 then return 'canceled', reached, first_error, true end
  if succeeded > 0 then return 'succeeded', 100, nil, true end
  return 'failed', reached, first_error, true
end
-- Writes a change of a task's parts with all that follows from it; at the task's end it leaves `open`, enters `done`, and
-- whoever waits for it is told. `read`: the task with its parts as they are to be; `fields`: field, value, ... to write;
-- `keys`: of `open`, `done` and `ends`
local function settle_task(task, read, fields, now, keys)
  local status, progress, failure, ended = outcome_of(read)
  if status ~= read.status then add_field(fields, 'status', status) end
  if tostring(progress) ~= read.progress then add_field(fields, 'progress', progress) end
  if failure then add_field(fields, 'error', failure) end
  if ended then add_field(fields, 'finished_at_ms', now) end
  redis.call('HSET', task, unpack(fields))
  if ended then
    redis.call('ZREM', keys.open, read.id)
    redis.call('ZADD', keys.done, now, read.id)
    redis.call('SPUBLISH', keys.ends, read.id .. ' ' .. status)
  else
    redis.call('ZADD', keys.open, now, read.id)
  end
  return status
end
-- A record's history with a further line. `history`: as it stands, or false
local function remembered(history, line)
  history = (history or '') .. line .. '\n'
  -- A part that is tried for hours must not grow its record: the oldest lines go first.
  if #history > 2048 then history = string.gsub(string.sub(history, -1536), '^[^\n]*\n', '') end
  return history
end
