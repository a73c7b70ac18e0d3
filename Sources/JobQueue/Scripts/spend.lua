-- Takes so many requests off a rate limit, or none where it cannot bear them all.
-- ARGV: how many requests; the rate limit's name, how many requests it bears at once, and in how many milliseconds it is whole again.
-- Kept is only when the rate limit will be whole (the generic cell rate algorithm), in milliseconds; the key ends then.
-- Returns 0, or for how many milliseconds the caller has to wait.
local count, rate, burst, period = tonumber(ARGV[1]), key('rate:' .. ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local whole = math.max(tonumber(redis.call('GET', rate)) or 0, now) + count * period / burst
local wait = math.ceil(whole - now - period)
if wait > 0 then return wait end
redis.call('SET', rate, string.format('%.3f', whole), 'PX', math.ceil(whole - now) + 1)
return 0
