-- Returns how many jobs are ready, apart, delayed and running, how many of those are interactive and background, and how many dead letters are kept.
local apart = 0
for _, kind in ipairs(redis.call('SMEMBERS', key('apart'))) do apart = apart + redis.call('ZCARD', apart_of(kind)) end
return { redis.call('ZCARD', key('ready')), apart, redis.call('ZCARD', key('delayed')), redis.call('ZCARD', key('running')),
    redis.call('SCARD', running_of('interactive')), redis.call('SCARD', running_of('background')), redis.call('ZCARD', key('dead')) }
