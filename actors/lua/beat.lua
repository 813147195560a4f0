-- Adds what one process has counted to the charts.
--
-- KEYS  hashes, all of one partition
-- ARGV  for each of them: 'HINCRBY' or 'HSET', kept ms, number of fields, field, amount or value, ...
--
-- Result: how many of the hashes were damaged
--
-- Invariants: a hash that is damaged stays as it is and spoils no other. Called again after a lost reply it counts
-- twice: the charts then show somewhat too much for a minute, and nothing else is decided by them.

local damaged, at = 0, 1
for _, key in ipairs(KEYS) do
  local command, kept_ms, last = ARGV[at], ARGV[at + 1], at + 2 + 2 * tonumber(ARGV[at + 2])
  local reply
  for field = at + 3, last, 2 do
    reply = redis.pcall(command, key, ARGV[field], ARGV[field + 1])
  end
  if type(reply) == 'table' then
    damaged = damaged + 1
  else
    redis.call('PEXPIRE', key, kept_ms)
  end
  at = last + 1
end
return damaged
