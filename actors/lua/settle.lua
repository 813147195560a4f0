-- Settles claimed events of one page: sent, waiting (again), or dead. An attempt, if one was made, is kept with it.
--
-- KEYS  due, outbox, dead, buried, connection; then for each event: row, attempts, timeline, its day's counts
-- ARGV  page id, lease, rest ms, rest only while the connection may not send ('1' or '0'), number of events;
--       then for each: event id, place ('sent' | 'waiting' | 'dead'), its score while waiting (ms), attempt JSON or '',
--       timeline entry JSON or '', counter or '', number of fields, field, value, ..., number of fields to remove, field, ...
--
-- Result: one word per event, 'settled' | 'already' | 'lost'; or {'failed', error}
--
-- Invariants: only the holder of the lease changes anything (the fence); its second call changes nothing more. A page
-- with a rest is not looked at before its end, unless its connection was mended in between or something new comes.
-- The timeline is only added to, never made.

local KEPT_MS, DEAD_KEPT_MS = 3196800000, 2592000000
local COUNTS_KEPT_MS = 3456000000
local MOST_ATTEMPTS, TIMELINE_LENGTH = 20, 1000

local due, outbox, dead, buried, connection = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local page_id, lease, rest_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local arg_at = 5

local function text(number)
  return string.format('%.0f', number)
end

local function next_arg()
  arg_at = arg_at + 1
  return ARGV[arg_at]
end

local function next_args(count)
  local found = {}
  for i = 1, count do
    found[i] = next_arg()
  end
  return found
end

local function read_event(number)
  local key_at = 5 + 4 * (number - 1)
  local event = { row = KEYS[key_at + 1], attempts = KEYS[key_at + 2], timeline = KEYS[key_at + 3] }
  event.counts = KEYS[key_at + 4]
  event.id, event.place, event.score, event.attempt, event.entry, event.counter = unpack(next_args(6))
  event.fields = next_args(2 * tonumber(next_arg()))
  event.gone = next_args(tonumber(next_arg()))
  return event
end

local function state_of(event)
  local holder = redis.pcall('HMGET', event.row, 'lease', 'settled_lease')
  if holder.err then
    return 'lost'
  elseif holder[1] == lease then
    return 'settled'
  end
  return holder[2] == lease and 'already' or 'lost'
end

local function kind(key)
  return redis.call('TYPE', key).ok
end

local function remember(event)
  local attempts, timeline = kind(event.attempts), kind(event.timeline)
  if event.attempt ~= '' and (attempts == 'list' or attempts == 'none') then
    redis.call('RPUSH', event.attempts, event.attempt)
    redis.call('LTRIM', event.attempts, text(-MOST_ATTEMPTS), '-1')
    redis.call('PEXPIRE', event.attempts, text(DEAD_KEPT_MS))
  end
  if event.entry ~= '' and timeline == 'stream' then
    redis.call('XADD', event.timeline, 'MAXLEN', text(TIMELINE_LENGTH), '*', 'entry', event.entry)
  end
end

local function bury(event)
  redis.call('ZADD', dead, text(now), event.id)
  redis.call('ZREMRANGEBYSCORE', dead, '-inf', text(now - DEAD_KEPT_MS))
  redis.call('PEXPIRE', dead, text(DEAD_KEPT_MS))
  redis.call('ZADD', buried, text(now), page_id)
  redis.call('ZREMRANGEBYSCORE', buried, '-inf', text(now - DEAD_KEPT_MS))
  redis.call('PEXPIRE', buried, text(DEAD_KEPT_MS))
end

local function count(event)
  if event.counter ~= '' and redis.pcall('HINCRBY', event.counts, event.counter, '1') == 1 then
    redis.call('PEXPIRE', event.counts, text(COUNTS_KEPT_MS))
  end
end

local function settle(event)
  count(event)
  redis.call('HSET', event.row, 'settled_lease', lease, unpack(event.fields))
  redis.call('HDEL', event.row, 'lease', unpack(event.gone))
  remember(event)
  if event.place == 'waiting' then
    redis.call('ZADD', outbox, event.score, event.id)
    redis.call('PEXPIRE', outbox, text(KEPT_MS))
    redis.call('ZADD', due, 'LT', text(math.max(now, tonumber(event.score))), page_id)
    redis.call('PEXPIRE', due, text(KEPT_MS))
    return
  end
  redis.call('ZREM', outbox, event.id)
  redis.call('PEXPIRE', event.row, text(DEAD_KEPT_MS))
  if event.place == 'dead' then
    bury(event)
  end
end

for key = 1, 4 do
  local size = redis.pcall('ZCARD', KEYS[key])
  if type(size) == 'table' then
    return { 'failed', size.err }
  end
end
local terms = redis.pcall('HMGET', connection, 'page_id', 'paused', 'authorised')
if terms.err then
  return { 'failed', terms.err }
end

local result, rests = {}, false
for i = 1, tonumber(ARGV[5]) do
  local event = read_event(i)
  result[i] = state_of(event)
  if result[i] == 'settled' then
    settle(event)
    rests = rests or event.place == 'waiting'
  end
end
local may_send = terms[1] and terms[2] ~= 'yes' and terms[3] ~= 'no'
if redis.call('ZCARD', outbox) == 0 then
  redis.call('ZREM', due, page_id)
elseif rests and rest_ms > 0 and not (ARGV[4] == '1' and may_send) then
  redis.call('ZADD', due, text(now + rest_ms), page_id)
end
return result
