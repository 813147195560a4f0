-- Shuts a bucket for a while, because TikTok throttled: every sender slows down.
--
-- KEYS  bucket
-- ARGV  tokens a second, burst; then how long to shut (ms) at the first throttled round, the second, ...
--
-- Result: for how long it is shut from now on (ms)
--
-- Invariants: while it is shut another call changes nothing, so answers to requests under way, and the same call
-- repeated, are one round. It opens empty, not with a burst.

local LONGEST_SHUT_US, FORGET_MS = 86400000000, 600000

local interval, burst = 1000000 / ARGV[1], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local stored = redis.pcall('HMGET', KEYS[1], 'shut_until_us', 'rounds')
if stored.err then
  redis.call('DEL', KEYS[1])
  stored = {}
end
local shut_until = tonumber(stored[1] or '0')
if shut_until > now and shut_until <= now + LONGEST_SHUT_US then
  return math.ceil((shut_until - now) / 1000)
end
local round = tonumber(stored[2] or '0') + 1
local shut_ms = tonumber(ARGV[2 + math.min(round, #ARGV - 2)])
shut_until = now + shut_ms * 1000
redis.call('HSET', KEYS[1], 'shut_until_us', string.format('%.0f', shut_until), 'rounds', string.format('%.0f', round),
  'full_at_us', string.format('%.0f', shut_until + (burst - 1) * interval))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', shut_ms + math.ceil(burst * interval / 1000) + FORGET_MS))
return shut_ms
