-- What every script begins with.
-- KEYS[1]: sq:{name}:ready, which names the slot; every other key of the queue has the same tag, so one cluster node has them all.
-- Times are milliseconds since 1970 by Redis's own clock. All values are text that a person can read.
local base = string.sub(KEYS[1], 1, -6)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local CLASS = 1000000000000 -- deletes stand before provisions; below it, the virtual start time

local function key(name) return base .. name end

local function job_key(id) return base .. 'job:' .. id end

local function record(id, event, detail)
    redis.call('XADD', key('events'), 'MAXLEN', '~', 10000, '*', 'job', id, 'event', event, 'detail', detail or '')
end

-- Rings once; tokens carry no work, so a lost one costs a poll at most.
local function ring()
    if redis.call('LLEN', key('wake')) < 64 then redis.call('RPUSH', key('wake'), now) end
end

local function fields(id)
    local flat = redis.call('HGETALL', job_key(id))
    if #flat == 0 then return nil end
    local job = {}
    for i = 1, #flat, 2 do job[flat[i]] = flat[i + 1] end
    return job
end

-- Start-time fair queueing (Goyal, Vin, Cheng 1996): a user's next job starts one unit after its last, but never in the past.
local function start_tag(user)
    local clock = tonumber(redis.call('GET', key('clock')) or '0')
    local last = tonumber(redis.call('HGET', key('vt'), user) or '0')
    local start = math.max(clock, last)
    redis.call('HSET', key('vt'), user, start + 1)
    return start
end

local function make_ready(id, job)
    redis.call('HSET', job_key(id), 'state', 'ready')
    redis.call('ZADD', key('ready'), job.score, id)
    ring()
end

-- Puts a job where it belongs: with the delayed until `not_before`, else with the ready.
local function place(id, job, not_before)
    if not_before > now then
        redis.call('HSET', job_key(id), 'state', 'delayed', 'not_before', not_before)
        redis.call('ZADD', key('delayed'), not_before, id)
        ring()
    else
        make_ready(id, job)
    end
end

-- Frees the namespace that this job holds and brings back who waits for it.
local function unlock(id, ns)
    if redis.call('GET', key('lock:' .. ns)) ~= id then return end
    redis.call('DEL', key('lock:' .. ns))
    for _, waiting in ipairs(redis.call('LRANGE', key('wait:' .. ns), 0, -1)) do
        local job = fields(waiting)
        if job and job.state == 'parked' then make_ready(waiting, job) end
    end
    redis.call('DEL', key('wait:' .. ns))
end

-- Takes a running job off its worker.
local function leave(id, job)
    redis.call('ZREM', key('running'), id)
    redis.call('SREM', key('provisioning'), id)
    redis.call('HDEL', job_key(id), 'worker', 'token', 'taken_at')
    unlock(id, job.ns)
    ring()
end

local function forget(id)
    redis.call('DEL', job_key(id))
end

