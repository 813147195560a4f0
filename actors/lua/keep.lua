-- Keeps fields in a session, if it still lives.
--
-- KEYS  session
-- ARGV  field, value, ...
--
-- Result: 1, or 0 when there is no such session (any more)
--
-- Invariant: a session that has ended is not made again: what is left of it would never expire.

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
