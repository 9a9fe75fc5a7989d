#!lua
-- Shows on Bull Board how far a job is, as BullMQ's own `updateProgress` and `log` would, in one go and without an event.
-- KEYS job: BullMQ's hash of the job | logs: its log lines (list)
-- ARGV progress: JSON, or empty to leave it as it is | lines: JSON array of log lines | keep: lines that are kept, the newest
-- RETURNS shown | missing
local job, logs, progress, lines, keep = KEYS[1], KEYS[2], ARGV[1], cjson.decode(ARGV[2]), tonumber(ARGV[3])
if redis.call('EXISTS', job) == 0 then return 'missing' end
if progress ~= '' then redis.call('HSET', job, 'progress', progress) end
if #lines > 0 then
  if redis.call('RPUSH', logs, unpack(lines)) > keep then redis.call('LTRIM', logs, -keep, -1) end
end
return 'shown'
