-- Ends a maker's turn: remembers for a while what it made, or lets the next one try.
--
-- KEYS  making
-- ARGV  maker, event set id or '', how long to remember it (ms)
--
-- Result: 1 when it was this maker's turn (also when it was ended so before), else 0
--
-- Invariant: whose lease is over changes nothing.

if redis.call('HGET', KEYS[1], 'maker') ~= ARGV[1] then
  return 0
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'event_set_id', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
