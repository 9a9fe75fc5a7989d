#!lua flags=allow-oom
-- Renews the locks of jobs that a worker is running. A lock that has run out while Redis was away is taken again, if the
-- job was neither started nor found stalled since: BullMQ's own script gives such a job up although nobody else has it.
-- KEYS stalled: BullMQ's set of jobs to be judged stalled
-- ARGV prefix: BullMQ's key prefix of the queue, ending in a colon | ids: JSON array of job ids | tokens: JSON array of their lock tokens | marks: JSON array of `ats/stc` when each was started | duration: ms a lock lasts
-- RETURNS renewed
-- Behind `renewed` stand the ids of jobs that are lost.
local stalled, prefix, duration = KEYS[1], ARGV[1], ARGV[5]
local ids, tokens, marks = cjson.decode(ARGV[2]), cjson.decode(ARGV[3]), cjson.decode(ARGV[4])
local answer = { 'renewed' }
for i = 1, #ids do
  local job = prefix .. ids[i]
  local holder = redis.call('GET', job .. ':lock')
  local ours = holder == tokens[i]
  if not holder then
    local counts = redis.call('HMGET', job, 'ats', 'stc')
    ours = (counts[1] or '0') .. '/' .. (counts[2] or '0') == marks[i]
  end
  if ours then
    redis.call('SET', job .. ':lock', tokens[i], 'PX', duration)
    redis.call('SREM', stalled, ids[i])
  else
    answer[#answer + 1] = ids[i]
  end
end
return answer
