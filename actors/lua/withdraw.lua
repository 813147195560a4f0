-- Marks a connection as not authorised, because TikTok refused its token.
--
-- KEYS  connection, connections changed
-- ARGV  the access token (ciphertext) that was refused
--
-- Result: 1 when the connection carries that token (also when it was marked before), 0 otherwise
--
-- Invariant: a connection that has a newer token stays as it is; a missing one is not made.

local MARK_KEPT_MS = '3600000'

local token = redis.pcall('HGET', KEYS[1], 'access_token')
if token ~= ARGV[1] then
  return 0
end
local clock = redis.call('TIME')
redis.call('SET', KEYS[2], clock[1] .. '.' .. clock[2], 'PX', MARK_KEPT_MS)
redis.call('HSET', KEYS[1], 'authorised', 'no')
return 1
