-- Learns which conversation an order belongs to, and returns the pushes of it that waited for that.
--
-- KEYS  order, unlinked
-- ARGV  page id, psid, keep ms, whether the shop is known (1 or 0), when the order was created (ms), the same as ISO
--
-- Result: {page id, psid, waiting push (JSON), ...}: the order's conversation, then what waited, oldest first. The
-- pushes stay until the caller has committed them and deletes the list.
--
-- Invariant: the first link of an order stays for as long as it lives. One that was created at another time is another
-- order, and so may be one of an unknown shop on another page: each goes where its push says. Running it twice changes
-- nothing more.

local link = redis.call('HMGET', KEYS[1], 'page_id', 'psid', 'created_at')
local found = redis.call('LRANGE', KEYS[2], 0, -1)
local another = (link[3] and link[3] ~= ARGV[5]) or (ARGV[4] == '0' and link[1] ~= ARGV[1])
if not (link[1] and link[2]) or another then
  link = { ARGV[1], ARGV[2] }
  redis.call('HSET', KEYS[1], 'page_id', link[1], 'psid', link[2], 'created_at', ARGV[5], 'created_at_utc', ARGV[6])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
table.insert(found, 1, link[2])
table.insert(found, 1, link[1])
return found
