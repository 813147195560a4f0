-- Puts an event that had been given up back into the outbox, under the same id.
--
-- KEYS  row, outbox, due, dead, its day's counts
-- ARGV  page id, event id, status that the caller has seen, resend id, counter of those given up
--
-- Result: 'requeued' | 'refused' (it waits already, or somebody else changed it) | 'failed' (a key of a wrong type)
--
-- Invariants: a missing row is not made; the same resend id again changes nothing more.

local KEPT_MS = '3196800000'

local row, outbox, due, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local clock = redis.call('TIME')
local now = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))

for key = 2, 4 do
  if type(redis.pcall('ZCARD', KEYS[key])) == 'table' then
    return 'failed'
  end
end
local seen = redis.pcall('HMGET', row, 'status', 'resend')
if seen.err then
  return 'failed'
end
if seen[2] == ARGV[4] then
  return 'requeued'
end
if seen[1] ~= ARGV[3] or redis.call('ZSCORE', outbox, ARGV[2]) then
  return 'refused'
end
redis.call('HSET', row, 'status', 'queued', 'reason', 'queued', 'resend', ARGV[4])
redis.call('HDEL', row, 'code', 'message', 'request_id', 'settled_at', 'settled_at_utc')
redis.call('PEXPIRE', row, KEPT_MS)
redis.call('ZREM', dead, ARGV[2])
if tonumber(redis.pcall('HGET', KEYS[5], ARGV[5])) then
  redis.pcall('HINCRBY', KEYS[5], ARGV[5], '-1')
end
redis.call('ZADD', outbox, now, ARGV[2])
redis.call('PEXPIRE', outbox, KEPT_MS)
redis.call('ZADD', due, 'LT', now, ARGV[1])
redis.call('PEXPIRE', due, KEPT_MS)
return 'requeued'
