-- Forgets a customer: the conversation, its timeline, and every trace of the events named.
--
-- KEYS  conversation, timeline, outbox, due, events, dead, buried, then for each event: row, attempts
-- ARGV  page id, the conversation's last commit id or '', then for each event its id
--
-- Result: 1 when the conversation is gone, 0 when it stays, since it has had another commit since
--
-- Invariants: a page without unsent or dead events is not listed for them; running it twice changes nothing more. A turn
-- under way conflicts with what is gone, so it starts from nothing. A key that holds something else than a conversation
-- has no last commit, and goes like one; an index that is none keeps nothing else from going.

local page_id, commit = ARGV[1], ARGV[2]
local stored = redis.pcall('HGET', KEYS[1], 'commit')
local gone = (type(stored) == 'string' and stored or '') == commit
if gone then
  redis.call('DEL', KEYS[1], KEYS[2])
end
for i = 3, #ARGV do
  redis.call('DEL', KEYS[2 * i + 2], KEYS[2 * i + 3])
  for _, index in ipairs({ KEYS[3], KEYS[5], KEYS[6] }) do
    redis.pcall('ZREM', index, ARGV[i])
  end
end
for events, pages in pairs({ [KEYS[3]] = KEYS[4], [KEYS[6]] = KEYS[7] }) do
  if redis.pcall('ZCARD', events) == 0 then
    redis.pcall('ZREM', pages, page_id)
  end
end
return gone and 1 or 0
