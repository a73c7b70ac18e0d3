-- Hands the first job that may run to a worker: pop, lease, namespace lock and state in one step.
-- ARGV: worker, token, lease in ms, how many provisions may run at once
-- Returns {'taken', id, kind, store, ns, user, traceparent}, {'paused', why}, or {'capped' or 'empty', ms} where ms says when to look
-- again at the latest: the first delayed job is due or the first lease lapses (-1: neither).
local worker, token, lease, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local why = redis.call('GET', key('paused')) or redis.call('GET', key('paused-by-records'))
if why then return { 'paused', why } end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('delayed'), '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', key('delayed'), id)
    local job = fields(id)
    if job then make_ready(id, job) end
end

-- A lapsed lease only says that it is time to look again: whether its holder is really gone, PostgreSQL decides.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('running'), '-inf', now, 'LIMIT', 0, 20)) do
    local job = fields(id)
    if job then
        leave(id, job)
        make_ready(id, job)
        record(id, 'lapsed', job.worker)
    else
        redis.call('ZREM', key('running'), id)
        redis.call('SREM', key('provisioning'), id)
    end
end

local function next_due()
    local due = -1
    for _, set in ipairs({ 'delayed', 'running' }) do
        local first = tonumber(redis.call('ZRANGE', key(set), 0, 0, 'WITHSCORES')[2])
        if first and (due < 0 or first - now < due) then due = math.max(first - now, 0) end
    end
    return due
end

-- Each round takes a job out of the ready ones, so that parking is paid for once a job, not once a look.
for _ = 1, 1000 do
    local id = redis.call('ZRANGE', key('ready'), 0, 0)[1]
    if not id then
        end_busy_period()
        break
    end
    local job = fields(id)
    if not job then
        redis.call('ZREM', key('ready'), id)
    else
        local provisions = job.kind ~= 'delete'
        if provisions and redis.call('SCARD', key('provisioning')) >= limit then return { 'capped', next_due() } end
        redis.call('ZREM', key('ready'), id)
        if redis.call('SET', key('lock:' .. job.ns), id, 'NX') then
            redis.call('HSET', job_key(id), 'state', 'running', 'worker', worker, 'token', token, 'taken_at', now)
            redis.call('ZADD', key('running'), now + lease, id)
            if provisions then redis.call('SADD', key('provisioning'), id) end
            advance_clock(job.kind, job.score)
            record(id, 'taken', worker)
            return { 'taken', id, job.kind, job.store, job.ns, job.user, job.traceparent }
        end
        redis.call('HSET', job_key(id), 'state', 'parked')
        redis.call('RPUSH', key('wait:' .. job.ns), id)
        record(id, 'parked', 'behind job ' .. redis.call('GET', key('lock:' .. job.ns)))
    end
end

return { 'empty', next_due() }
