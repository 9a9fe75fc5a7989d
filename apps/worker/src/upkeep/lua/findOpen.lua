#!lua flags=no-writes
-- Finds among one page of a shard's unfinished tasks those that have changed lately or are past their deadline.
-- KEYS open: ids of the shard's unfinished tasks (zset), by time of their last change, ms since epoch
-- ARGV first: rank of the page's first | size: of the page | since: ms since epoch; whatever changed from then on is found | now: ms since epoch | record: what the key of a record begins with
-- RETURNS page
-- Behind `page` stand how many tasks it holds, and id and time of the last change of each that was found.
local first, since, now = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local page = redis.call('ZRANGE', KEYS[1], first, first + tonumber(ARGV[2]) - 1, 'WITHSCORES')
local answer = { 'page', #page / 2 }
for i = 1, #page, 2 do
  local id, changed_at = page[i], page[i + 1]
  if tonumber(changed_at) >= since or tonumber(redis.call('HGET', ARGV[5] .. id, 'deadline_at_ms') or '0') <= now then
    answer[#answer + 1] = id
    answer[#answer + 1] = changed_at
  end
end
return answer
