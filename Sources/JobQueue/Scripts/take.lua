-- Ends jobs, and hands the first ones that may run to a worker: pop, lease, namespace lock and state in one step.
-- ARGV: worker, token, lease in ms, how many jobs to take (100 at most), the kinds that the worker knows (with commas between), how many jobs of
-- each class may run at once ('': as many as there are), and the jobs that this worker finished, as finish.lua has them. The nth job's token is
-- `token-n`.
-- Returns {'taken', {id, kind, class, store, ns, user, traceparent}, ...}, {'paused', why}, or {'capped' or 'empty', ms} where ms says when to
-- look again at the latest: the first delayed job is due or the first lease lapses (-1: neither).
local worker, token, lease, most, knows = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), {}
for kind in string.gmatch(ARGV[5], '[^,]+') do knows[kind] = true end

for i = 6 + #CLASSES, #ARGV, 3 do finish(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end

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
        strike(id)
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

-- What the worker may take from: the line, and what others that do not know its kind have set apart.
local sources, aparts = { key('ready') }, {}
for _, kind in ipairs(redis.call('SMEMBERS', key('apart'))) do
    if knows[kind] then
        aparts[#aparts + 1] = kind
        sources[#sources + 1] = apart_of(kind)
    end
end

-- The first of a class, `count` at least if there are.
local function first_of(class, count)
    local line = {}
    for _, source in ipairs(sources) do
        local flat = redis.call('ZRANGEBYSCORE', source, BASE[class], '(' .. BASE[class] + SPAN, 'WITHSCORES', 'LIMIT', 0, count)
        for i = 1, #flat, 2 do line[#line + 1] = { id = flat[i], score = tonumber(flat[i + 1]) } end
    end
    if #sources > 1 then
        table.sort(line, function(a, b) return a.score < b.score or (a.score == b.score and a.id < b.id) end)
    end
    return line
end

local taken, leases, looked, capped = { 'taken' }, {}, 0, false

local function hand_out(id, job)
    local n = #taken
    redis.call('HSET', job_key(id), 'state', 'running', 'worker', worker, 'token', token .. '-' .. n, 'taken_at', now,
        'renewed_at', now)
    redis.call('SADD', running_of(job.class), id)
    leases[#leases + 1] = now + lease
    leases[#leases + 1] = id
    record(id, 'taken', worker)
    taken[n + 1] = { id, job.kind, job.class, job.store, job.ns, job.user, job.traceparent or '' }
end

local function park(id, job)
    redis.call('HSET', job_key(id), 'state', 'parked')
    redis.call('RPUSH', key('wait:' .. job.ns), id)
    record(id, 'parked', 'behind job ' .. redis.call('GET', key('lock:' .. job.ns)))
end

local function set_apart(id, job)
    redis.call('HSET', job_key(id), 'state', 'apart')
    redis.call('ZADD', apart_of(job.kind), job.score, id)
    redis.call('SADD', key('apart'), job.kind)
    record(id, 'set apart', worker .. ' does not know ' .. job.kind)
end

-- Takes what there is room for. Each round takes jobs out of the line, so that what cannot run is paid for once a job, not once a look.
local function take_of(class, limit)
    local room = limit - redis.call('SCARD', running_of(class))
    local clock
    while looked < 1000 and #taken <= most do
        local count = math.min(room, most + 1 - #taken)
        local line, gone = first_of(class, math.max(count, 1)), {}
        if #line == 0 then
            if #taken == 1 then end_busy_period(class) end
            break
        end
        if count <= 0 then
            capped = true
            break
        end
        for i = 1, math.min(count, #line) do
            local id = line[i].id
            local job = fields(id)
            gone[i] = id
            if job and not knows[job.kind] then
                set_apart(id, job)
            elseif job and redis.call('SET', key('lock:' .. job.ns), id, 'NX') then
                hand_out(id, job)
                room = room - 1
                clock = job.score -- they come in the order of their scores
            elseif job then
                park(id, job)
            end
        end
        for _, source in ipairs(sources) do redis.call('ZREM', source, unpack(gone)) end
        looked = looked + #gone
    end
    if clock then advance_clock(class, clock) end
end

for i, class in ipairs(CLASSES) do take_of(class, tonumber(ARGV[5 + i]) or math.huge) end

for _, kind in ipairs(aparts) do
    if redis.call('EXISTS', apart_of(kind)) == 0 then redis.call('SREM', key('apart'), kind) end
end
if #leases > 0 then
    redis.call('ZADD', key('running'), unpack(leases))
    return taken
end
if capped then return { 'capped', next_due() } end
if looked < 1000 then redis.call('DEL', key('wake')) end -- what has rung so far was for jobs that are gone
return { 'empty', next_due() }
