-- Disconnects a page.
--
-- KEYS  connection, connections, connections changed, choices
-- ARGV  page id
--
-- Result: 1 when it was connected, else 0
--
-- Invariants: the page is among the connected ones exactly as long as it has a connection. Its choices are kept for as
-- long as a conversation of it may be, so that one who connects it again with another choice changes nothing of the past.

local MARK_KEPT_MS, CHOICES_KEPT_MS = '3600000', '777600000'

local clock = redis.call('TIME')
redis.call('SET', KEYS[3], clock[1] .. '.' .. clock[2], 'PX', MARK_KEPT_MS)
redis.call('SREM', KEYS[2], ARGV[1])
local choices = redis.pcall('HGET', KEYS[1], 'choices')
if type(choices) == 'string' then
  redis.call('SET', KEYS[4], choices, 'PX', CHOICES_KEPT_MS)
end
return redis.call('DEL', KEYS[1])
