-- Commits a batch of conversation turns: new state, timeline entries and fired events of each, all or nothing.
--
-- ARGV  now_ms is Redis TIME. First the number of commits, then for each commit:
--         expected version, expected commit id, new commit id, state JSON, keep ms, page id,
--         number of timeline entries, the entries,
--         number of events, and for each event: event id, its counter, fired at ms, its time ms, its index member,
--           number of fields, field, value, ...
--         number of other counters, and for each: field, amount
--         '0', or '1' and what changes in the look-ups: now ms, psid, last click ms or '' when that is as before,
--           number of index entries, and for each: member, its time ms or '' when it leaves the index,
--           number of waiting orders, and for each: member, until ms or '' when it waits no more
-- KEYS  for each commit: conversation, timeline; if it fired events: outbox, due, events, then for each event its row,
--         its day's counts and its index; then for each other counter its day's counts; with a last click: conversations;
--         for each index entry its index; with waiting orders: waiting_orders.
--
-- Result, one per commit, in order:
--   {'committed'} | {'already'} | {'conflict', version, commit id, state JSON} | {'failed', error} | {'damaged', key}
--
-- Invariants: a commit whose id is stored already changes nothing more (its reply was lost); a commit whose expected
-- version or commit id is not the stored one changes nothing; every check comes before the first write, so one bad
-- commit fails alone; an event row that exists is never written again, nor is its event counted again. Counts and
-- look-ups are only shown, so one that is damaged stays as it is and fails nothing. An index may be shared by several
-- conversations: its life is never shortened.

local TIMELINE_LENGTH = 1000
local ROW_KEPT_MS = '3196800000'
local COUNTS_KEPT_MS = '3456000000'
local CONVERSATION_KEPT_MS = 777600000
local ORDER_RAN_OUT_KEPT_MS, ORDER_KEPT_MS = 86400000, '691200000'
local OLDEST_KEPT = '-101'

local clock = redis.call('TIME')
local now_ms = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
local key_at, arg_at = 0, 1

local function next_key()
  key_at = key_at + 1
  return KEYS[key_at]
end

local function next_arg()
  arg_at = arg_at + 1
  return ARGV[arg_at]
end

local function read_lookups()
  if next_arg() == '0' then
    return nil
  end
  local lookups = { now_ms = next_arg(), psid = next_arg(), last_click = next_arg(), entries = {}, orders = {} }
  if lookups.last_click ~= '' then
    lookups.conversations = next_key()
  end
  for i = 1, tonumber(next_arg()) do
    lookups.entries[i] = { index = next_key(), member = next_arg(), at = next_arg() }
  end
  for i = 1, tonumber(next_arg()) do
    lookups.orders[i] = { member = next_arg(), until_ms = next_arg() }
  end
  if #lookups.orders > 0 then
    lookups.waiting_orders = next_key()
  end
  return lookups
end

local function read_commit()
  local turn = {
    expected_version = next_arg(), expected_commit = next_arg(), commit = next_arg(), state = next_arg(),
    keep_ms = next_arg(), page_id = next_arg(), entries = {}, events = {}, counters = {},
    conversation = next_key(), timeline = next_key(),
  }
  for i = 1, tonumber(next_arg()) do
    turn.entries[i] = next_arg()
  end
  local events = tonumber(next_arg())
  if events > 0 then
    turn.outbox, turn.due, turn.log = next_key(), next_key(), next_key()
  end
  for i = 1, events do
    local event = {
      row = next_key(), counts = next_key(), index = next_key(), id = next_arg(), counter = next_arg(),
      fired_at = next_arg(), at = next_arg(), member = next_arg(), fields = {},
    }
    for f = 1, 2 * tonumber(next_arg()) do
      event.fields[f] = next_arg()
    end
    turn.events[i] = event
  end
  for i = 1, tonumber(next_arg()) do
    turn.counters[i] = { counts = next_key(), field = next_arg(), amount = next_arg() }
  end
  turn.lookups = read_lookups()
  return turn
end

local function is_error(reply)
  return type(reply) == 'table' and reply.err
end

-- What a whole page or partition uses can be repaired while the sender of the webhook repeats it: 'damaged'. What is
-- the conversation's own has 'failed', and must not hold up whoever else is in the webhook.
local function wrong_type(turn)
  if #turn.events > 0 then
    for _, key in ipairs({ turn.outbox, turn.due, turn.log }) do
      if is_error(redis.pcall('ZCARD', key)) then
        return { 'damaged', key }
      end
    end
  end
  local looked = {}
  if #turn.entries > 0 then
    looked[1] = redis.pcall('XLEN', turn.timeline)
  end
  for _, event in ipairs(turn.events) do
    event.exists = redis.pcall('HEXISTS', event.row, 'event_id')
    looked[#looked + 1] = event.exists
  end
  for _, reply in ipairs(looked) do
    if is_error(reply) then
      return { 'failed', reply.err }
    end
  end
  return nil
end

local function count(counts, field, amount)
  local total = redis.pcall('HINCRBY', counts, field, amount)
  -- Only a field that is new in its day can have made the key.
  if type(total) == 'number' and string.format('%.0f', total) == amount then
    redis.call('PEXPIRE', counts, COUNTS_KEPT_MS)
  end
end

local function before(ms, age)
  return string.format('%.0f', tonumber(ms) - age)
end

-- Sets, moves or (without a score) takes out one member of a look-up; returns whether it is one.
local function look_up(key, member, score)
  local reply
  if score == '' then
    reply = redis.pcall('ZREM', key, member)
  else
    reply = redis.pcall('ZADD', key, 'GT', score, member)
  end
  return type(reply) == 'number'
end

local function keep_for(key, ms)
  if redis.call('PTTL', key) < tonumber(ms) then
    redis.call('PEXPIRE', key, ms)
  end
end

local function index(key, member, at, keep_ms)
  if look_up(key, member, at) and at ~= '' then
    redis.call('ZREMRANGEBYRANK', key, '0', OLDEST_KEPT)
    keep_for(key, keep_ms)
  end
end

local function write_lookups(lookups, keep_ms)
  local conversations, waiting_orders = lookups.conversations, lookups.waiting_orders
  if conversations and look_up(conversations, lookups.psid, lookups.last_click) then
    redis.call('ZREMRANGEBYSCORE', conversations, '-inf', before(lookups.now_ms, CONVERSATION_KEPT_MS))
    keep_for(conversations, keep_ms)
  end
  for _, entry in ipairs(lookups.entries) do
    index(entry.index, entry.member, entry.at, keep_ms)
  end
  for _, order in ipairs(lookups.orders) do
    if look_up(waiting_orders, order.member, order.until_ms) then
      redis.call('ZREMRANGEBYSCORE', waiting_orders, '-inf', before(lookups.now_ms, ORDER_RAN_OUT_KEPT_MS))
      keep_for(waiting_orders, ORDER_KEPT_MS)
    end
  end
end

local function fire(turn, event)
  if event.exists == 1 then
    return
  end
  redis.call('HSET', event.row, unpack(event.fields))
  redis.call('PEXPIRE', event.row, ROW_KEPT_MS)
  redis.call('ZADD', turn.outbox, 'NX', now_ms, event.id)
  redis.call('PEXPIRE', turn.outbox, ROW_KEPT_MS)
  redis.call('ZADD', turn.due, 'LT', now_ms, turn.page_id)
  redis.call('PEXPIRE', turn.due, ROW_KEPT_MS)
  redis.call('ZADD', turn.log, event.fired_at, event.id)
  redis.call('ZREMRANGEBYSCORE', turn.log, '-inf', before(event.fired_at, ROW_KEPT_MS))
  redis.call('PEXPIRE', turn.log, ROW_KEPT_MS)
  index(event.index, event.member, event.at, ROW_KEPT_MS)
  count(event.counts, event.counter, '1')
end

local function commit(turn)
  local stored = redis.pcall('HMGET', turn.conversation, 'version', 'commit', 'state')
  if stored.err then
    return { 'failed', stored.err }
  end
  local version, last_commit = stored[1] or '0', stored[2] or ''
  if last_commit == turn.commit then
    -- A write, so that WAIT on this connection has something to wait for.
    redis.call('PEXPIRE', turn.conversation, turn.keep_ms)
    return { 'already' }
  end
  if version ~= turn.expected_version or last_commit ~= turn.expected_commit then
    return { 'conflict', version, last_commit, stored[3] or '' }
  end
  local refusal = wrong_type(turn)
  if refusal then
    return refusal
  end
  redis.call('HSET', turn.conversation, 'version', string.format('%.0f', tonumber(version) + 1), 'commit', turn.commit,
    'state', turn.state)
  redis.call('PEXPIRE', turn.conversation, turn.keep_ms)
  for _, entry in ipairs(turn.entries) do
    redis.call('XADD', turn.timeline, 'MAXLEN', TIMELINE_LENGTH, '*', 'entry', entry)
  end
  if redis.call('EXISTS', turn.timeline) == 1 then
    redis.call('PEXPIRE', turn.timeline, turn.keep_ms)
  end
  for _, event in ipairs(turn.events) do
    fire(turn, event)
  end
  for _, counter in ipairs(turn.counters) do
    count(counter.counts, counter.field, counter.amount)
  end
  if turn.lookups then
    write_lookups(turn.lookups, turn.keep_ms)
  end
  return { 'committed' }
end

local results = {}
for i = 1, tonumber(ARGV[1]) do
  results[i] = commit(read_commit())
end
return results
