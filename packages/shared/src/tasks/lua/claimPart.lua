#!lua flags=allow-oom
-- Claims one part of a task for a worker: the fence rises, so that every earlier holder's writes are refused from now on,
-- also those of a holder whose claim Redis has forgotten.
-- KEYS task: the record (hash)
-- ARGV part: number of the part | channel: the channel in whose queue the claim's job stands, or empty for any
-- RETURNS claimed | final | missing | elsewhere
-- Behind `claimed`, `final` and `elsewhere` stands the whole record as field, value, ... `elsewhere` claims nothing: the part
-- has moved to another channel, where somebody may be working on it.
-- @include nextFence
local task, prefix = KEYS[1], 'p' .. ARGV[1] .. '.'
local held = redis.call('HMGET', task, prefix .. 'state', prefix .. 'channel', 'channel', prefix .. 'fence', prefix .. 'starts')
local state, lives = held[1], held[2] or held[3]
if not state then return 'missing' end
local word = 'final'
if ARGV[2] ~= '' and ARGV[2] ~= lives then
  word = 'elsewhere'
elseif state == 'queued' or state == 'submitting' or state == 'running' or state == 'storing' then
  word = 'claimed'
  redis.call('HSET', task, prefix .. 'fence', next_fence(held[4]), prefix .. 'starts', tonumber(held[5] or '0') + 1)
end
return { word, redis.call('HGETALL', task) }
