-- Disconnects a page.
--
-- KEYS  connection, connections
-- ARGV  page id
--
-- Result: 1 when it was connected, else 0
--
-- Invariant: the page is among the connected ones exactly as long as it has a connection.

redis.call('SREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
