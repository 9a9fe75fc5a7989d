#!lua flags=allow-oom
-- Cancels every unfinished part of a task. The fences rise: a worker that holds a part can write no more.
-- KEYS task: the record (hash) | open: ids of the shard's unfinished tasks (zset) | done: ids of its finished tasks (zset) | ends: sharded channel told at a task's end
-- ARGV key_id: id of the API key that asks | now: ms since epoch | queued_error: JSON of the error when no part ever reached the upstream | flying_error: JSON of the error when one may have | only_queued: 1 to leave alone what has begun | note: a line for the history
-- RETURNS canceled | finished | in_flight | missing
-- @include settleTask
-- @include nextFence
local task, key_id, now = KEYS[1], ARGV[1], ARGV[2]
local queued_error, flying_error, only_queued, note = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local about = redis.call('HMGET', task, 'key_id', 'parts', 'status')
if not about[1] or about[1] ~= key_id then return 'missing' end
if about[3] ~= 'queued' and about[3] ~= 'in_progress' then return 'finished' end
if only_queued == '1' and about[3] ~= 'queued' then return 'in_flight' end
local parts, reason = tonumber(about[2]), queued_error
-- One error is shown of a task, so what it says must hold for all of its parts.
for part = 0, parts - 1 do
  if (redis.call('HGET', task, 'p' .. part .. '.attempt') or '0') ~= '0' then reason = flying_error end
end
for part = 0, parts - 1 do
  local prefix = 'p' .. part .. '.'
  local state, fence = unpack(redis.call('HMGET', task, prefix .. 'state', prefix .. 'fence'))
  if state == 'queued' or state == 'submitting' or state == 'running' or state == 'storing' then
    redis.call('HSET', task, prefix .. 'fence', next_fence(fence), prefix .. 'state', 'canceled', prefix .. 'error', reason)
  end
end
redis.call('HSET', task, 'history', remembered(redis.call('HGET', task, 'history'), note))
settle_task(task, KEYS[2], KEYS[3], KEYS[4], now)
return 'canceled'
