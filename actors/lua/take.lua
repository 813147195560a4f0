-- Takes a token from a bucket: GCRA on Redis TIME, in microseconds.
--
-- KEYS  bucket
-- ARGV  tokens a second, burst, longest wait the caller accepts (ms)
--
-- Result: {granted (1 or 0), wait ms, throttled rounds so far}. Granted with a wait: the token is reserved, use it then.
--
-- Invariants: all senders together get at most burst + rate * time. A refusal reserves nothing. A stored time that no
-- rate, burst and wait can have led to (a clock stepped back, the limits changed) counts as an empty bucket. Asked again after a lost
-- reply it takes one more token, which errs on the safe side.

local LONGEST_SHUT_US, FORGET_MS = 86400000000, 600000

local interval, burst, longest_us = 1000000 / ARGV[1], tonumber(ARGV[2]), ARGV[3] * 1000
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local stored = redis.pcall('HMGET', KEYS[1], 'full_at_us', 'shut_until_us', 'rounds')
if stored.err then
  redis.call('DEL', KEYS[1])
  stored = {}
end
local shut_until = tonumber(stored[2] or '0')
if shut_until < now or shut_until > now + LONGEST_SHUT_US then
  shut_until = now
end
local full_at = math.max(now, tonumber(stored[1] or '0'))
if full_at > shut_until + burst * interval + longest_us then
  full_at = shut_until + (burst - 1) * interval
end

local wait = math.max(0, full_at + interval - burst * interval - now, shut_until - now)
if wait <= longest_us then
  redis.call('HSET', KEYS[1], 'full_at_us', string.format('%.0f', full_at + interval))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((full_at + interval - now) / 1000) + FORGET_MS))
end
return { wait <= longest_us and 1 or 0, math.ceil(wait / 1000), tonumber(stored[3] or '0') }
