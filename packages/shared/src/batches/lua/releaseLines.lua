#!lua
-- Passes lines of a batch on, in their order: each is either released, with the money that it may cost held for it, or
-- refused with its reason. Stops at the first line that the budget does not bear.
-- KEYS batch: the record (hash) | open: lines that were released and have not ended (hash) | refused: JSON reason of each refused line (hash)
-- ARGV line: the first line, which must be the next one | max_cost: in money units, or empty | lines: JSON array of {next_byte, cost, reason}
-- RETURNS released | moved | stopped
-- Behind `released` stands how many lines were passed on: fewer than given where the budget does not bear the next one.
-- `moved`: another process has passed this line on. `stopped`: the batch releases nothing any more.
local batch, open, refused = KEYS[1], KEYS[2], KEYS[3]
local line, max_cost, lines = tonumber(ARGV[1]), tonumber(ARGV[2]), cjson.decode(ARGV[3])
local status, cursor, spent, reserved, stopped = unpack(redis.call('HMGET', batch, 'status', 'cursor_line', 'spent', 'reserved', 'stopped'))
if status ~= 'in_progress' or stopped then return 'stopped' end
if tonumber(cursor or '0') ~= line then return 'moved' end
spent, reserved = tonumber(spent or '0'), tonumber(reserved or '0')
local passed, failed, byte = 0, 0, nil
for _, one in ipairs(lines) do
  if one.reason then
    redis.call('HSET', refused, line + passed, one.reason)
    failed = failed + 1
  else
    if max_cost and spent + reserved + one.cost > max_cost then break end
    reserved = reserved + one.cost
    redis.call('HSET', open, line + passed, string.format('%.0f', one.cost))
  end
  passed, byte = passed + 1, one.next_byte
end
if passed > 0 then
  redis.call('HSET', batch, 'cursor_line', line + passed, 'cursor_byte', string.format('%.0f', byte), 'reserved', string.format('%.0f', reserved))
  if failed > 0 then redis.call('HINCRBY', batch, 'failed', failed) end
end
return { 'released', passed }
