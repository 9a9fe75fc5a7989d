#!lua flags=allow-oom
-- Changes the state of one part of a task, if its state allows it and the caller still holds it.
-- KEYS task: the record (hash) | open: ids of the shard's unfinished tasks (zset) | done: ids of its finished tasks (zset) | ends: sharded channel told at a task's end | duplicates: what the shard's tasks may have been charged twice (zset of JSON)
-- ARGV part: number of the part | from: states it may leave, comma-separated | to: state it enters | fence: number of the caller's claim | now: ms since epoch | part_fields: JSON array of field, value, ... of the part | task_fields: the same of the task | note: a line for the history, or empty | duplicate: JSON to list with the change, or empty
-- RETURNS changed | missing | stale_fence | not_allowed
-- Behind `changed` stands the task's status.
-- @include settleTask
local task, part, from, to, fence, now, note = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[8]
local read = read_task(task)
local held = read.parts[part + 1]
if not held or not held.state then return 'missing' end
if tonumber(fence) ~= tonumber(held.fence or '0') then return 'stale_fence' end
if not string.find(',' .. from .. ',', ',' .. held.state .. ',', 1, true) then return 'not_allowed' end
held.state = to
local fields, part_fields, prefix = cjson.decode(ARGV[7]), cjson.decode(ARGV[6]), 'p' .. part .. '.'
add_field(fields, prefix .. 'state', to)
for i = 1, #part_fields, 2 do
  held[part_fields[i]] = part_fields[i + 1]
  add_field(fields, prefix .. part_fields[i], part_fields[i + 1])
end
if note ~= '' then add_field(fields, 'history', remembered(read.history, note)) end
-- In the script that marks the task: a crash cannot part the mark from its place in the list.
if ARGV[9] ~= '' then
  redis.call('ZADD', KEYS[5], 'NX', now, ARGV[9])
  -- 100 in each of 64 shards; a month that has more is looked at by its metric.
  redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -101)
end
return { 'changed', settle_task(task, read, fields, now, { open = KEYS[2], done = KEYS[3], ends = KEYS[4] }) }
