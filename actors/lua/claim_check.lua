-- Claims the check of one page: nobody else gets it before the lease is over.
--
-- KEYS  check, checks, connection
-- ARGV  page id, lease in ms
--
-- Result: the page's token (ciphertext), or nil when it is not due or not to be looked at any more
--
-- Invariant: a page that is not connected keeps no token beyond the day it was brought.

local page_id = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local due_at = redis.call('ZSCORE', KEYS[2], page_id)
if not due_at or tonumber(due_at) > now then
  return false
end
local token = redis.call('HGET', KEYS[1], 'token')
if not token or redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], page_id)
  return false
end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[2])), page_id)
return token
