-- Disconnects a page.
--
-- KEYS  connection, connections, connections changed
-- ARGV  page id
--
-- Result: 1 when it was connected, else 0
--
-- Invariant: the page is among the connected ones exactly as long as it has a connection.

local MARK_KEPT_MS = '3600000'

local clock = redis.call('TIME')
redis.call('SET', KEYS[3], clock[1] .. '.' .. clock[2], 'PX', MARK_KEPT_MS)
redis.call('SREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
