-- Takes tokens from a bucket, one for each who asks: GCRA on Redis TIME, in microseconds.
--
-- KEYS  bucket
-- ARGV  tokens a second, burst; then for each who asks: the longest wait they accept (ms)
--
-- Result: for each {granted (1 or 0), wait ms, throttled rounds so far}. Granted with a wait: the token is reserved, use
-- it then.
--
-- Invariants: all senders together get at most burst + rate * time. Who asks together is served one after another. A
-- refusal reserves nothing. A stored time that no rate, burst and wait can have led to (a clock stepped back, the limits
-- changed) counts as an empty bucket. Asked again after a lost reply it takes as many more, which errs on the safe side.

local LONGEST_SHUT_US, FORGET_MS = 86400000000, 600000

local interval, burst = 1000000 / ARGV[1], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local stored = redis.pcall('HMGET', KEYS[1], 'full_at_us', 'shut_until_us', 'rounds')
if stored.err then
  redis.call('DEL', KEYS[1])
  stored = {}
end
local full_at, shut_until = math.max(now, tonumber(stored[1] or '0')), tonumber(stored[2] or '0')
local throttled, granted = tonumber(stored[3] or '0'), 0
if shut_until < now or shut_until > now + LONGEST_SHUT_US then
  shut_until = now
end

local function take(longest_us)
  local from = full_at
  if from > shut_until + burst * interval + longest_us then
    from = shut_until + (burst - 1) * interval
  end
  local wait = math.max(0, from + interval - burst * interval - now, shut_until - now)
  if wait > longest_us then
    return { 0, math.ceil(wait / 1000), throttled }
  end
  full_at, granted = from + interval, granted + 1
  return { 1, math.ceil(wait / 1000), throttled }
end

local result = {}
for i = 3, #ARGV do
  result[i - 2] = take(ARGV[i] * 1000)
end
if granted > 0 then
  redis.call('HSET', KEYS[1], 'full_at_us', string.format('%.0f', full_at))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((full_at - now) / 1000) + FORGET_MS))
end
return result
