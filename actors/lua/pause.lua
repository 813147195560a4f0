-- Pauses a page's connection, or ends its pause and wakes what has been waiting.
--
-- KEYS  connection, outbox, due, connections changed
-- ARGV  page id, 'yes' or 'no', now (ms), the same as ISO 8601
--
-- Result: 1 when the page is connected, else 0
--
-- Invariant: nothing but the pause changes, so that it undoes no withdrawal and no new token; a missing connection is
-- not made.

local MARK_KEPT_MS = '3600000'

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'paused', ARGV[2], 'changed_at', ARGV[3], 'changed_at_utc', ARGV[4])
local clock = redis.call('TIME')
redis.call('SET', KEYS[4], clock[1] .. '.' .. clock[2], 'PX', MARK_KEPT_MS)
-- As `page_trouble` in actors/connection.py says it.
local stored = redis.call('HMGET', KEYS[1], 'paused', 'authorised')
local may_send = stored[1] == 'no' and stored[2] == 'yes'
if may_send and redis.call('ZCARD', KEYS[2]) > 0 then
  redis.call('ZADD', KEYS[3], string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000)), ARGV[1])
end
return 1
