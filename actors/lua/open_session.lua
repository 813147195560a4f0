-- Opens a session.
--
-- KEYS  session
-- ARGV  seconds that it lives unused, field, value, ...
--
-- Result: 1
--
-- Invariant: there is no moment in which the session would live for ever.

local fields = {}
for i = 2, #ARGV do
  fields[i - 1] = ARGV[i]
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
