-- Learns which conversation an order belongs to, and returns the pushes of it that waited for that.
--
-- KEYS  order, unlinked
-- ARGV  page id, psid, keep ms
--
-- Result: {page id, psid, waiting push (JSON), ...}: the order's conversation, then what waited, oldest first. The
-- pushes stay until the caller has committed them and deletes the list.
--
-- Invariant: the first link stays for as long as it lives; running it twice changes nothing more.

local link = redis.call('HMGET', KEYS[1], 'page_id', 'psid')
local found = redis.call('LRANGE', KEYS[2], 0, -1)
if not (link[1] and link[2]) then
  link = { ARGV[1], ARGV[2] }
  redis.call('HSET', KEYS[1], 'page_id', link[1], 'psid', link[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
table.insert(found, 1, link[2])
table.insert(found, 1, link[1])
return found
