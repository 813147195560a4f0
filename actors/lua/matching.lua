-- Tells which rows have the fields asked for. Reads only, where the rows lie: most of them need not travel.
--
-- KEYS  rows
-- ARGV  field, value, ''; or field, and numbers between which its own lies, the second one excluded; then further ones
--
-- Result: the place of every matching row among KEYS, from 1 on, in their order.
--
-- Invariants: nothing is changed. A row that is missing, or of a wrong type, matches nothing.

local fields, places = {}, {}
for i = 1, #ARGV, 3 do
  fields[#fields + 1] = ARGV[i]
end

local function fits(value, least, limit)
  if limit == '' then
    return value == least
  end
  local number = tonumber(value)
  return number and number >= tonumber(least) and number < tonumber(limit)
end

local function matches(row)
  for number = 1, #fields do
    if not fits(row[number], ARGV[3 * number - 1], ARGV[3 * number]) then
      return false
    end
  end
  return true
end

for place, key in ipairs(KEYS) do
  local row = redis.pcall('HMGET', key, unpack(fields))
  if not row.err and matches(row) then
    places[#places + 1] = place
  end
end
return places
