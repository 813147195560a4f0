-- Tells which pages hold something of a customer. Reads only, where it lies: most pages hold nothing.
--
-- KEYS  for each page: conversation, timeline, conversations, events, outbox, dead
-- ARGV  psid
--
-- Result: for each page, in their order, 'customer' | 'events' (of whom, only their rows say) | 'nothing'
--
-- Invariants: nothing is changed. Whatever lies under the customer's own keys is the customer's.

local function found(first)
  if redis.call('EXISTS', KEYS[first], KEYS[first + 1]) > 0 then
    return 'customer'
  elseif type(redis.pcall('ZSCORE', KEYS[first + 2], ARGV[1])) == 'string' then
    return 'customer'
  end
  return redis.call('EXISTS', KEYS[first + 3], KEYS[first + 4], KEYS[first + 5]) > 0 and 'events' or 'nothing'
end

local pages = {}
for first = 1, #KEYS, 6 do
  pages[#pages + 1] = found(first)
end
return pages
