-- Lets one maker at a time make a page's event set at an advertiser, and remembers what the last one made.
--
-- KEYS  making
-- ARGV  maker, lease (ms), now as ISO 8601
--
-- Result: {1 when it is this maker's turn, else 0; event set id that was made lately, or ''}
--
-- Invariant: nobody else gets a turn before the lease is over, unless the maker has given it up. The same maker asking
-- again has the same turn.

local held = redis.call('HMGET', KEYS[1], 'maker', 'event_set_id')
if held[1] and held[1] ~= ARGV[1] then
  return { 0, held[2] or '' }
end
if not held[1] then
  redis.call('HSET', KEYS[1], 'maker', ARGV[1], 'begun_at_utc', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return { 1, held[2] or '' }
