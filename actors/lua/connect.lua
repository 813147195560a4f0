-- Connects a page or changes its connection, keeps the history of its choices, and wakes what has been waiting.
--
-- KEYS  connection, outbox, due, connections, connections changed, choices (of a page that was disconnected),
--       disconnected
-- ARGV  page id, choice, choice as a JSON object (if it is new from now on), first choice as a JSON object,
--       token (ciphertext), the token that was read and is kept by this ('': it is a new one), '1' when a pause stays,
--       number of fields, field, value (an empty one: the field shall be absent), ...
--
-- Result: 'connected' | 'changed' | 'renewed' (another token has come since the kept one was read: nothing is changed)
--
-- Invariant: the choices only grow at the end, and only when the choice is another (rule 11); running it twice changes
-- nothing more. A page that was disconnected lately goes on with its choices. Those that nobody can read begin anew,
-- also where the key holds something else, so that a damaged connection can be replaced. A kept token replaces no newer
-- one, and stays as authorised as TikTok left it; where none is stored any more, it connects the page again.

local MARK_KEPT_MS = '3600000'

local function read(text)
  local is_json, choices = pcall(cjson.decode, text)
  if not is_json or type(choices) ~= 'table' or #choices == 0 then
    return nil
  end
  for _, each in ipairs(choices) do
    if type(each) ~= 'table' or type(each.since) ~= 'number' or each.since ~= math.floor(each.since) then
      return nil
    end
    if each.complete_payment_on ~= 'order_confirmed' and each.complete_payment_on ~= 'order_shipped' then
      return nil
    end
  end
  return choices
end

local page_id, choice, new_choice, first_choice = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local token, kept_token = ARGV[5], ARGV[6]
local stays = { authorised = kept_token ~= '', paused = ARGV[7] == '1' }

local stored_token = redis.pcall('HGET', KEYS[1], 'access_token')
-- It is `token` when this very call was made before, and its reply was lost.
local is_another = type(stored_token) == 'string' and stored_token ~= kept_token and stored_token ~= token
if kept_token ~= '' and is_another then
  return 'renewed'
end
local known = redis.pcall('HGET', KEYS[1], 'choices')
local waiting = redis.call('ZCARD', KEYS[2])
redis.call('ZCARD', KEYS[3])
redis.call('SADD', KEYS[4], page_id)
-- It may fail: a page that is noted as both is only looked at in vain.
redis.pcall('ZREM', KEYS[7], page_id)
if type(known) == 'table' then
  redis.call('DEL', KEYS[1])
  known = false
end

local choices = known or redis.pcall('GET', KEYS[6])
local earlier = type(choices) == 'string' and read(choices)
if not earlier then
  choices = '[' .. first_choice .. ']'
elseif earlier[#earlier].complete_payment_on ~= choice then
  choices = string.sub(choices, 1, -2) .. ',' .. new_choice .. ']'
end
redis.call('DEL', KEYS[6])
local fields, absent = {}, {}
for i = 9, 8 + 2 * tonumber(ARGV[8]), 2 do
  local field, value = ARGV[i], ARGV[i + 1]
  local as_it_is = stays[field] and redis.call('HGET', KEYS[1], field)
  if value == '' then
    absent[#absent + 1] = field
  elseif as_it_is ~= 'yes' and as_it_is ~= 'no' then
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
end
redis.call(
  'HSET', KEYS[1], 'complete_payment_on', choice, 'choices', choices, 'access_token', token, unpack(fields)
)
if #absent > 0 then
  redis.call('HDEL', KEYS[1], unpack(absent))
end
local clock = redis.call('TIME')
redis.call('SET', KEYS[5], clock[1] .. '.' .. clock[2], 'PX', MARK_KEPT_MS)
-- As `page_trouble` in actors/connection.py says it.
local stored = redis.call('HMGET', KEYS[1], 'paused', 'authorised')
local may_send = stored[1] == 'no' and stored[2] == 'yes'
if may_send and waiting > 0 then
  redis.call('ZADD', KEYS[3], string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000)), page_id)
end
return known and 'changed' or 'connected'
