-- Keeps what was found at a page, and says when the page is to be looked at again.
--
-- KEYS  check, checks
-- ARGV  page id, the token that this check must not outlive ('' when it brings one of its own), ms until the next check,
--       ms to keep it, number of fields, field, value, ...
--
-- Result: 'noted' | 'stale' when another token has come meanwhile
--
-- Invariant: a page is among those to be looked at exactly as long as its token is kept; running it twice only says the
-- same later.

local page_id, held = ARGV[1], ARGV[2]
if held ~= '' and redis.call('HGET', KEYS[1], 'token') ~= held then
  return 'stale'
end
local fields = {}
for i = 1, 2 * tonumber(ARGV[5]) do
  fields[i] = ARGV[5 + i]
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if redis.call('HEXISTS', KEYS[1], 'token') == 1 then
  local clock = redis.call('TIME')
  local next_at = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[3])
  redis.call('ZADD', KEYS[2], string.format('%.0f', next_at), page_id)
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
else
  redis.call('ZREM', KEYS[2], page_id)
end
return 'noted'
