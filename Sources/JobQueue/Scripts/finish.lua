-- Forgets jobs that are final in PostgreSQL, or keeps them among the dead letters.
-- ARGV: for each its id, token, and why it failed for good (empty: it did not). Returns for each what `finish` does.
local ended = {}
for i = 1, #ARGV, 3 do ended[#ended + 1] = finish(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
return ended
