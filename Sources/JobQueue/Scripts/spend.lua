-- Takes so many requests off each allowance, or off none where one of them cannot bear them all.
-- ARGV: how many requests; then for each allowance its name, how many requests it bears at once, and in how many milliseconds it is whole again.
-- Kept is only when an allowance will be whole (the generic cell rate algorithm), in milliseconds; the key ends then.
-- Returns 0, or for how many milliseconds the caller has to wait.
local count, wait, whole = tonumber(ARGV[1]), 0, {}
for i = 2, #ARGV, 3 do
    local burst, period = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
    local at = math.max(tonumber(redis.call('GET', key('rate:' .. ARGV[i])) or 0), now) + count * period / burst
    wait = math.max(wait, math.ceil(at - now - period))
    whole[i] = at
end
if wait > 0 then return wait end
for i = 2, #ARGV, 3 do
    redis.call('SET', key('rate:' .. ARGV[i]), string.format('%.3f', whole[i]), 'PX', math.ceil(whole[i] - now) + 1)
end
return 0
