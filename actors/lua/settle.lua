-- Settles claimed events of one page: sent, waiting (again), or dead. An attempt, if one was made, is kept with it.
--
-- KEYS  due, outbox, dead, buried, connection, problems; then for each event: row, attempts, timeline, its day's counts;
--       the problem that it leaves and the one that it is in, and the index of the request's id, each if there is one
-- ARGV  page id, lease, rest ms, rest only while the connection may not send ('1' or '0'), number of events;
--       then for each: event id, place ('sent' | 'waiting' | 'dead'), its score while waiting (ms), attempt JSON or '',
--       timeline entry JSON or '', counter or '', member of problems that it leaves or '', that it is in or '', index
--       member of the request's id or '', number of fields, field, value, ..., number of fields to remove, field, ...
--
-- Result: one word per event, 'settled' | 'already' | 'lost'; or {'failed', error}
--
-- Invariants: only the holder of the lease changes anything (the fence); its second call changes nothing more. A page
-- with a rest is not looked at before its end, unless its connection was mended in between or something new comes.
-- The timeline is only added to, never made. Problems and indexes are only shown: a damaged one fails nothing.

local KEPT_MS, DEAD_KEPT_MS = 3196800000, 2592000000
local COUNTS_KEPT_MS = 3456000000
local MOST_ATTEMPTS, TIMELINE_LENGTH, OLDEST_INDEXED = 20, 1000, '-101'

local due, outbox, dead, buried, connection, problems = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local page_id, lease, rest_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local key_at, arg_at = 6, 5

local function next_key()
  key_at = key_at + 1
  return KEYS[key_at]
end

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

-- A set of events under a name of its own, or nil.
local function next_set(member)
  return member ~= '' and { key = next_key(), member = member } or nil
end

local function read_event()
  local event = { row = next_key(), attempts = next_key(), timeline = next_key(), counts = next_key() }
  event.id, event.place, event.score, event.attempt, event.entry, event.counter = unpack(next_args(6))
  event.leaves, event.problem, event.request = next_set(next_arg()), next_set(next_arg()), next_set(next_arg())
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

local function file(event)
  local left, problem, request = event.leaves, event.problem, event.request
  if left and type(redis.pcall('ZREM', left.key, event.id)) == 'number' and redis.call('ZCARD', left.key) == 0 then
    redis.pcall('ZREM', problems, left.member)
  end
  if problem and type(redis.pcall('ZADD', problem.key, 'NX', text(now), event.id)) == 'number' then
    redis.call('ZREMRANGEBYSCORE', problem.key, '-inf', text(now - DEAD_KEPT_MS))
    redis.call('PEXPIRE', problem.key, text(DEAD_KEPT_MS))
    redis.pcall('ZADD', problems, text(now), problem.member)
    redis.pcall('ZREMRANGEBYSCORE', problems, '-inf', text(now - DEAD_KEPT_MS))
    redis.pcall('PEXPIRE', problems, text(DEAD_KEPT_MS))
  end
  if request and type(redis.pcall('ZADD', request.key, text(now), request.member)) == 'number' then
    redis.call('ZREMRANGEBYRANK', request.key, '0', OLDEST_INDEXED)
    redis.call('PEXPIRE', request.key, text(DEAD_KEPT_MS))
  end
end

-- A hash with a long value, such as a purchase, takes twice the space; without it, only once it is written anew.
local function write_anew(row)
  local fields = redis.call('HGETALL', row)
  redis.call('DEL', row)
  redis.call('HSET', row, unpack(fields))
end

local function settle(event)
  count(event)
  file(event)
  local bought = redis.call('HEXISTS', event.row, 'purchase')
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
  if bought == 1 and redis.call('HEXISTS', event.row, 'purchase') == 0 then
    write_anew(event.row)
  end
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
local stored = redis.pcall('HMGET', connection, 'paused', 'authorised')
if stored.err then
  return { 'failed', stored.err }
end

local result, rests = {}, false
for i = 1, tonumber(ARGV[5]) do
  local event = read_event()
  result[i] = state_of(event)
  if result[i] == 'settled' then
    settle(event)
    rests = rests or event.place == 'waiting'
  end
end
-- As `page_trouble` in actors/connection.py says it.
local may_send = stored[1] == 'no' and stored[2] == 'yes'
if redis.call('ZCARD', outbox) == 0 then
  redis.call('ZREM', due, page_id)
elseif rests and rest_ms > 0 and not (ARGV[4] == '1' and may_send) then
  redis.call('ZADD', due, text(now + rest_ms), page_id)
end
return result
