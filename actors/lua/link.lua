-- Learns which conversation an order belongs to, and returns the pushes of it that waited for that.
--
-- KEYS  order, unlinked
-- ARGV  page id, psid, keep ms
--
-- Result: the waiting pushes (JSON), oldest first. They stay until the caller has committed them and deletes the list.
--
-- Invariant: a newer link replaces an older one; running it twice changes nothing more.

local waiting = redis.call('LRANGE', KEYS[2], 0, -1)
redis.call('HSET', KEYS[1], 'page_id', ARGV[1], 'psid', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return waiting
