-- Learns which conversation an order belongs to, and returns the pushes of it that waited for that.
--
-- KEYS  order, unlinked
-- ARGV  page id, psid, keep ms, whether the shop is known (1 or 0)
--
-- Result: {page id, psid, waiting push (JSON), ...}: the order's conversation, then what waited, oldest first. The
-- pushes stay until the caller has committed them and deletes the list.
--
-- Invariant: the first link stays for as long as it lives, except that an order of an unknown shop goes where its push
-- says when that is another page: it may be another shop's. Running it twice changes nothing more.

local link = redis.call('HMGET', KEYS[1], 'page_id', 'psid')
local found = redis.call('LRANGE', KEYS[2], 0, -1)
local another_shop = ARGV[4] == '0' and link[1] ~= ARGV[1]
if not (link[1] and link[2]) or another_shop then
  link = { ARGV[1], ARGV[2] }
  redis.call('HSET', KEYS[1], 'page_id', link[1], 'psid', link[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
table.insert(found, 1, link[2])
table.insert(found, 1, link[1])
return found
