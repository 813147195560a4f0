-- Disconnects a page.
--
-- KEYS  connection, connections, connections changed, choices, disconnected
-- ARGV  page id
--
-- Result: 1 when it was connected, else 0
--
-- Invariants: the page is among the connected ones exactly as long as it has a connection. Its choices are kept for as
-- long as a conversation of it may be, so that one who connects it again with another choice changes nothing of the past.
-- It is noted for as long as anything of a customer may be left of it, so that whoever forgets one looks there, too; a
-- page that was not connected is not noted.

local MARK_KEPT_MS, CHOICES_KEPT_MS = '3600000', '777600000'
-- What lives longest is the row of an event: for 7 days it may be sent again by hand, then waits for up to 37 (KEPT_MS
-- in resend.lua) for a sender, and is kept for 30 after that has given it up (DEAD_KEPT_MS in settle.lua). A day more is
-- for clocks that differ, and for turns that are under way.
local LEFT_MS = 6480000000

local clock = redis.call('TIME')
redis.call('ZCARD', KEYS[5])
redis.call('SET', KEYS[3], clock[1] .. '.' .. clock[2], 'PX', MARK_KEPT_MS)
if redis.call('SREM', KEYS[2], ARGV[1]) + redis.call('EXISTS', KEYS[1]) > 0 then
  local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', string.format('%.0f', now))
  redis.call('ZADD', KEYS[5], string.format('%.0f', now + LEFT_MS), ARGV[1])
  redis.call('PEXPIRE', KEYS[5], string.format('%.0f', LEFT_MS))
end
local choices = redis.pcall('HGET', KEYS[1], 'choices')
if type(choices) == 'string' then
  redis.call('SET', KEYS[4], choices, 'PX', CHOICES_KEPT_MS)
end
return redis.call('DEL', KEYS[1])
