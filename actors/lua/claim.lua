-- Claims for one sender what is due of a page's outbox, and opens an attempt for each event.
--
-- KEYS  due, outbox, dead, buried, connection; then one row per event
-- ARGV  page id, lease, lease ms; then one event id per row
--
-- Result: {'claimed', claimed at ms, number moved to dead, {field, value, ... of the connection, if there is one},
--         {event id, {field, value, ...}} per event} | {'failed', error}
--
-- Invariants: an event that another sender holds is never claimed before its lease ends. The same lease asked again (its
-- reply was lost) gets the same events with the same time. The page goes to the back of the turn, so a long queue never
-- keeps another page waiting. An attempt is open from here on: should the sender die, its outcome counts as unknown. A
-- row that is missing or of a wrong type goes to dead as it is, and the rest goes on.

local KEPT_MS, DEAD_KEPT_MS = 3196800000, 2592000000
-- Nothing legal lies further ahead: what does was written before a clock stepped back.
local FARTHEST_MS = 7200000

local due, outbox, dead, buried, connection = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local page_id, lease, lease_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function text(number)
  return string.format('%.0f', number)
end

local function is_due(score)
  return score and (tonumber(score) <= now or tonumber(score) > now + FARTHEST_MS)
end

for key = 1, 4 do
  local size = redis.pcall('ZCARD', KEYS[key])
  if type(size) == 'table' then
    return { 'failed', size.err }
  end
end

local connected = redis.pcall('HGETALL', connection)
if connected.err then
  return { 'failed', connected.err }
end

local page_due = is_due(redis.call('ZSCORE', due, page_id))
local mine, ready, poison, claimed_at = {}, {}, {}, now
for i = 6, #KEYS do
  local event = { id = ARGV[i - 2], row = KEYS[i] }
  local score = redis.call('ZSCORE', outbox, event.id)
  if score then
    local holder = redis.pcall('HMGET', event.row, 'event_id', 'lease', 'unconfirmed_since')
    if not holder.err and holder[2] == lease then
      mine[#mine + 1] = event
      claimed_at = tonumber(score) - lease_ms
    elseif page_due and is_due(score) then
      event.unconfirmed = holder[3]
      local into = (holder.err or not holder[1]) and poison or ready
      into[#into + 1] = event
    end
  end
end

local function bury(event)
  redis.call('ZREM', outbox, event.id)
  redis.call('ZADD', dead, text(now), event.id)
  redis.call('PEXPIRE', dead, text(DEAD_KEPT_MS))
  redis.call('PEXPIRE', event.row, text(DEAD_KEPT_MS))
  redis.call('ZADD', buried, text(now), page_id)
  redis.call('PEXPIRE', buried, text(DEAD_KEPT_MS))
end

local function open(event)
  redis.call('ZADD', outbox, text(now + lease_ms), event.id)
  redis.call('HSET', event.row, 'lease', lease)
  if not event.unconfirmed then
    redis.call('HSET', event.row, 'unconfirmed_since', text(now))
  end
end

local function to_the_back()
  local earliest = redis.call('ZRANGE', outbox, 0, 0, 'WITHSCORES')
  if earliest[1] then
    redis.call('ZADD', due, text(math.max(now, tonumber(earliest[2]))), page_id)
    redis.call('PEXPIRE', due, text(KEPT_MS))
  else
    redis.call('ZREM', due, page_id)
  end
end

if #mine == 0 and page_due then
  for _, event in ipairs(poison) do
    bury(event)
  end
  for _, event in ipairs(ready) do
    open(event)
  end
  to_the_back()
  mine = ready
else
  poison = {}
end
local result = { 'claimed', text(claimed_at), text(#poison), connected }
for _, event in ipairs(mine) do
  result[#result + 1] = { event.id, redis.call('HGETALL', event.row) }
end
return result
