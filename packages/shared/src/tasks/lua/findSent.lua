#!lua
-- Finds the task of a request that an SDK sends again by itself: of the same request's recent tasks the one that was
-- given as an answer least often, so that each of several wanted ones finds its own.
-- Behind `found` stands the id of the task.
-- KEYS sent: ids of the same request's tasks (zset), by answers * 2^42 + ms since epoch
-- ARGV now: ms since epoch | window: ms
-- RETURNS found | none
local sent = KEYS[1]
local oldest = tonumber(ARGV[1]) - tonumber(ARGV[2])
local answer = 2 ^ 42
local tasks = redis.call('ZRANGE', sent, 0, -1, 'WITHSCORES')
for i = 1, #tasks, 2 do
  if tonumber(tasks[i + 1]) % answer < oldest then
    redis.call('ZREM', sent, tasks[i])
  else
    redis.call('ZINCRBY', sent, answer, tasks[i])
    return { 'found', tasks[i] }
  end
end
return 'none'
