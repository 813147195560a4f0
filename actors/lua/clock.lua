-- Tells the time by which everything is due.
--
-- KEYS  any key of the node that is asked
--
-- Result: Redis TIME as text, Unix ms. Changes nothing.

local clock = redis.call('TIME')
return string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
