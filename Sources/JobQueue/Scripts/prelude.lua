-- What every script begins with.
-- KEYS[1]: sq:{name}:ready, which names the slot; every other key of the queue has the same tag, so one cluster node has them all.
-- Times are milliseconds since 1970 by Redis's own clock. All values are text that a person can read.
local base = string.sub(KEYS[1], 1, -6)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The classes of jobs, first things first, and where each begins in the line; what is added to it is the virtual start time.
local CLASSES = { 'delete', 'interactive', 'background' }
local SPAN = 1000000000000
local BASE = { delete = 0, interactive = SPAN, background = 2 * SPAN }

local function key(name) return base .. name end

local function job_key(id) return base .. 'job:' .. id end

local function record(id, event, detail)
    redis.call('XADD', key('events'), 'MAXLEN', '~', 10000, '*', 'job', id, 'event', event, 'detail', detail or '')
end

-- Rings once; tokens carry no work, so a lost one costs a poll at most.
local function wake()
    if redis.call('LLEN', key('wake')) < 64 then redis.call('RPUSH', key('wake'), now) end
end

-- A job's hash as a table; `nil` where there is none, and `nil` and what there is where a part of it is missing.
local function read(id)
    local flat = redis.call('HGETALL', job_key(id))
    if #flat == 0 then return nil end
    local job = {}
    for i = 1, #flat, 2 do job[flat[i]] = flat[i + 1] end
    if not (job.kind and BASE[job.class] and job.store and job.ns and job.user and tonumber(job.score)) then return nil, job end
    return job
end

-- Running jobs are counted by class.
local function running_of(class) return key('running:' .. class) end

-- Takes whatever job it was out of line and out of what runs.
local function strike(id)
    for _, list in ipairs({ 'ready', 'delayed', 'running' }) do redis.call('ZREM', key(list), id) end
    for _, class in ipairs(CLASSES) do redis.call('SREM', running_of(class), id) end
end

local unlock

-- As read, for who goes on to change it. A job of which a part is missing, as before there were classes, is as good as none: what else there
-- is of it goes, and the sweep brings it back from PostgreSQL.
local function fields(id)
    local job, damaged = read(id)
    if damaged then
        redis.call('DEL', job_key(id))
        strike(id)
        if damaged.ns then unlock(id, damaged.ns) end
    end
    return job
end

-- Start-time fair queueing (Goyal, Vin, Cheng 1996): a user's next job starts one unit after its last, but never in the past.
-- Each class has a share of its own: what is taken of one must not move the other's clock.
-- fair:<class>: `clock` (start of the latest taken), `top` (the furthest that anybody is ahead), `user:<name>` (that user's next start)
local function share(class) return key('fair:' .. class) end

local function score_for(class, user)
    local fair = share(class)
    local seen = redis.call('HMGET', fair, 'clock', 'user:' .. user, 'top')
    local start = math.max(tonumber(seen[1] or '0'), tonumber(seen[2] or '0'))
    redis.call('HSET', fair, 'user:' .. user, start + 1, 'top', math.max(tonumber(seen[3] or '0'), start + 1))
    return string.format('%.0f', BASE[class] + start)
end

local function advance_clock(class, score)
    local start = tonumber(score) - BASE[class]
    if start > tonumber(redis.call('HGET', share(class), 'clock') or '0') then redis.call('HSET', share(class), 'clock', start) end
end

-- Nobody of the class waits: all begin anew, behind whatever still comes back from before. Forgets users who are gone, too.
local function end_busy_period(class)
    local seen = redis.call('HMGET', share(class), 'top', 'clock')
    if seen[1] and seen[1] ~= seen[2] then
        redis.call('DEL', share(class))
        redis.call('HSET', share(class), 'clock', seen[1], 'top', seen[1])
    end
end

-- Jobs of a kind that a worker did not know, in the order of `ready`; the set `apart` has the kinds. A worker that knows the kind takes them
-- from there.
local function apart_of(kind) return key('apart:' .. kind) end

local function make_ready(id, job)
    if job.state ~= 'ready' then redis.call('HSET', job_key(id), 'state', 'ready') end
    redis.call('ZADD', key('ready'), job.score, id)
    wake()
end

-- Puts a job where it belongs: with the delayed until `not_before`, else with the ready.
local function place(id, job, not_before)
    if not_before > now then
        redis.call('HSET', job_key(id), 'state', 'delayed', 'not_before', not_before)
        redis.call('ZADD', key('delayed'), not_before, id)
        wake()
    else
        make_ready(id, job)
    end
end

-- Frees the namespace that this job holds and brings back who waits for it.
function unlock(id, ns)
    if redis.call('GET', key('lock:' .. ns)) ~= id then return end
    local parked = redis.call('LRANGE', key('wait:' .. ns), 0, -1)
    redis.call('DEL', key('lock:' .. ns), key('wait:' .. ns))
    for _, waiting in ipairs(parked) do
        local job = fields(waiting)
        if job and job.state == 'parked' then make_ready(waiting, job) end
    end
end

-- A running job holds a lease, a namespace and a place under the cap no longer.
local function release(id, job)
    redis.call('ZREM', key('running'), id)
    redis.call('SREM', running_of(job.class), id)
    unlock(id, job.ns)
    wake()
end

-- Takes a running job off its worker.
local function leave(id, job)
    redis.call('HDEL', job_key(id), 'worker', 'token', 'taken_at')
    release(id, job)
end

-- Takes a waiting job out of line.
local function withdraw(id, job)
    redis.call('ZREM', key('ready'), id)
    redis.call('ZREM', apart_of(job.kind), id)
    redis.call('ZREM', key('delayed'), id)
    redis.call('LREM', key('wait:' .. job.ns), 0, id)
end

-- PostgreSQL has a known job under another kind or class than this: it waits, or is counted, where it belongs now.
local function reclassify(id, job, kind, class)
    if job.kind == kind and job.class == class then return end
    local was = { class = job.class, kind = job.kind }
    job.kind = kind
    if job.class ~= class then
        job.class, job.score = class, score_for(class, job.user)
    end
    redis.call('HSET', job_key(id), 'kind', kind, 'class', class, 'score', job.score)
    if redis.call('SREM', running_of(was.class), id) == 1 then redis.call('SADD', running_of(class), id) end
    if redis.call('ZREM', key('ready'), id) + redis.call('ZREM', apart_of(was.kind), id) > 0 then make_ready(id, job) end
    record(id, 'reclassified', kind .. ' ' .. class)
end

-- This taking is over: a renewal of it that is still on its way must not assert it again.
local function end_taking(token)
    redis.call('SET', key('ended:' .. token), now, 'EX', 60)
end

local function forget(id)
    redis.call('ZREM', key('dead'), id)
    redis.call('DEL', job_key(id))
end

-- A final job is forgotten, unless it failed for good: the last 1,000 of those are kept for the operator, with the reason.
local function finalize(id, why)
    if why == '' then return forget(id) end
    redis.call('HSET', job_key(id), 'state', 'dead', 'error', string.sub(why, 1, 500), 'died_at', now)
    redis.call('ZADD', key('dead'), now, id)
    local too_many = redis.call('ZCARD', key('dead')) - 1000
    if too_many > 0 then
        for _, old in ipairs(redis.call('ZRANGE', key('dead'), 0, too_many - 1)) do forget(old) end
    end
end

-- A job is final in PostgreSQL. Returns 1, or 0 when another worker has taken it here: PostgreSQL will tell that one that it is over.
local function finish(id, token, why)
    end_taking(token)
    local job = fields(id)
    if not job then return 1 end
    if job.state == 'running' then
        if job.token ~= token then return 0 end
        if why == '' then release(id, job) else leave(id, job) end
    else
        -- Its lease had lapsed here, or Redis was wiped, and it was put back in line meanwhile.
        withdraw(id, job)
    end
    finalize(id, why)
    record(id, why ~= '' and 'deadLettered' or 'finished', why ~= '' and why or job.worker)
    return 1
end
