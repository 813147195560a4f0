-- Looks up the conversation of an order; if nobody knows it yet, keeps the push for it to come.
--
-- KEYS  order, unlinked
-- ARGV  push JSON, keep unlinked ms, keep link ms, most pushes kept
--
-- Result: {page id, psid} | {} when the push was kept
--
-- Invariant: the same push is kept once; either the link is seen here, or the push is seen by whoever links.

local link = redis.call('HMGET', KEYS[1], 'page_id', 'psid')
redis.call('LLEN', KEYS[2])
if link[1] and link[2] then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return link
end
redis.call('LREM', KEYS[2], 0, ARGV[1])
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[4]), -1)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return {}
