#!lua flags=allow-oom
-- Cancels every unfinished part of a task. The fences rise: a worker that holds a part can write no more.
-- KEYS task: the record (hash) | open: ids of the shard's unfinished tasks (zset) | done: ids of its finished tasks (zset) | ends: sharded channel told at a task's end
-- ARGV key_id: id of the API key that asks | now: ms since epoch | queued_error: JSON of the error when no part ever reached the upstream | flying_error: JSON of the error when one may have | only_queued: 1 to leave alone what has begun | note: a line for the history
-- RETURNS canceled | finished | in_flight | missing
-- @include settleTask
-- @include nextFence
local task, key_id, now = KEYS[1], ARGV[1], ARGV[2]
local queued_error, flying_error, only_queued, note = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local owner = redis.call('HGET', task, 'key_id')
if not owner or owner ~= key_id then return 'missing' end
local read = read_task(task)
if read.status ~= 'queued' and read.status ~= 'in_progress' then return 'finished' end
if only_queued == '1' and read.status ~= 'queued' then return 'in_flight' end
local reason = queued_error
-- One error is shown of a task, so what it says must hold for all of its parts.
for part = 0, #read.parts - 1 do
  if (redis.call('HGET', task, 'p' .. part .. '.attempt') or '0') ~= '0' then reason = flying_error end
end
local fields = { 'history', remembered(read.history, note) }
for i, part in ipairs(read.parts) do
  local prefix, state = 'p' .. (i - 1) .. '.', part.state
  if state == 'queued' or state == 'submitting' or state == 'running' or state == 'storing' then
    part.state, part.error = 'canceled', reason
    add_field(fields, prefix .. 'fence', next_fence(part.fence))
    add_field(fields, prefix .. 'state', 'canceled')
    add_field(fields, prefix .. 'error', reason)
  end
end
settle_task(task, read, fields, now, { open = KEYS[2], done = KEYS[3], ends = KEYS[4] })
return 'canceled'
