#!lua flags=allow-oom
-- Claims one part of a task for a worker: the fence rises, so that every earlier holder's writes are refused from now on.
-- KEYS task: the record (hash)
-- ARGV part: number of the part | channel: the channel in whose queue the claim's job stands, or empty for any
-- RETURNS claimed | final | missing | elsewhere
-- Behind `claimed`, `final` and `elsewhere` stands the whole record as field, value, ... `elsewhere` claims nothing: the part
-- has moved to another channel, where somebody may be working on it.
local task, prefix = KEYS[1], 'p' .. ARGV[1] .. '.'
local held = redis.call('HMGET', task, prefix .. 'state', prefix .. 'channel', 'channel')
local state, lives = held[1], held[2] or held[3]
if not state then return 'missing' end
local word = 'final'
if ARGV[2] ~= '' and ARGV[2] ~= lives then
  word = 'elsewhere'
elseif state == 'queued' or state == 'submitting' or state == 'running' or state == 'storing' then
  word = 'claimed'
  redis.call('HINCRBY', task, prefix .. 'fence', 1)
  redis.call('HINCRBY', task, prefix .. 'starts', 1)
end
return { word, redis.call('HGETALL', task) }
