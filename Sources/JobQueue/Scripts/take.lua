-- Ends jobs, and hands the first ones that may run to a worker: pop, lease, namespace lock and state in one step.
-- ARGV: worker, token, lease in ms, how many provisions may run at once, how many jobs to take (100 at most), and the jobs that this worker
-- finished, as finish.lua has them. The nth job's token is `token-n`.
-- Returns {'taken', {id, kind, store, ns, user, traceparent}, ...}, {'paused', why}, or {'capped' or 'empty', ms} where ms says when to
-- look again at the latest: the first delayed job is due or the first lease lapses (-1: neither).
local worker, token, lease, limit, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

for i = 6, #ARGV, 3 do finish(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end

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

local taken, leases, provisions, clocks = { 'taken' }, {}, {}, {}
local room = limit - redis.call('SCARD', key('provisioning'))
local capped, looked = false, 0

local function hand_out(id, job)
    local n = #taken
    redis.call('HSET', job_key(id), 'state', 'running', 'worker', worker, 'token', token .. '-' .. n, 'taken_at', now,
        'renewed_at', now)
    leases[#leases + 1] = now + lease
    leases[#leases + 1] = id
    if job.kind ~= 'delete' then
        provisions[#provisions + 1] = id
        room = room - 1
    end
    clocks[job.kind] = job.score -- the jobs of a kind come in the order of their scores
    record(id, 'taken', worker)
    taken[n + 1] = { id, job.kind, job.store, job.ns, job.user, job.traceparent or '' }
end

local function park(id, job)
    redis.call('HSET', job_key(id), 'state', 'parked')
    redis.call('RPUSH', key('wait:' .. job.ns), id)
    record(id, 'parked', 'behind job ' .. redis.call('GET', key('lock:' .. job.ns)))
end

-- Each round takes jobs out of the ready ones, so that parking is paid for once a job, not once a look.
while #taken <= most and looked < 1000 and not capped do
    local first = redis.call('ZRANGE', key('ready'), 0, most - #taken)
    if #first == 0 then break end
    local gone = {}
    for _, id in ipairs(first) do
        local job = fields(id)
        if job and job.kind ~= 'delete' and room <= 0 then
            capped = true
            break
        end
        gone[#gone + 1] = id
        if job then
            if redis.call('SET', key('lock:' .. job.ns), id, 'NX') then hand_out(id, job) else park(id, job) end
        end
    end
    if #gone > 0 then redis.call('ZREM', key('ready'), unpack(gone)) end
    looked = looked + #first
end

for kind, score in pairs(clocks) do advance_clock(kind, score) end
if #provisions > 0 then redis.call('SADD', key('provisioning'), unpack(provisions)) end
if #leases > 0 then
    redis.call('ZADD', key('running'), unpack(leases))
    return taken
end
if capped then return { 'capped', next_due() } end
if looked < 1000 then
    end_busy_period()
    redis.call('DEL', key('wake')) -- what has rung so far was for jobs that are gone
end
return { 'empty', next_due() }
