-- Looks whether a job stands where its hash says; puts it there. ARGV: id, 'repair' or 'look', its state in PostgreSQL
-- ('' : it is not there). Returns what is wrong, as text; '' when nothing is.
local id, repairs, state = ARGV[1], ARGV[2] == 'repair', ARGV[3]
local job, damaged = read(id)
local ready, delayed = redis.call('ZSCORE', key('ready'), id), redis.call('ZSCORE', key('delayed'), id)
local running, dead = redis.call('ZSCORE', key('running'), id), redis.call('ZSCORE', key('dead'), id)
local counted, apart = false, {}
for _, class in ipairs(CLASSES) do counted = counted or redis.call('SISMEMBER', running_of(class), id) == 1 end
for _, kind in ipairs(redis.call('SMEMBERS', key('apart'))) do apart[kind] = redis.call('ZSCORE', apart_of(kind), id) or nil end

if not job then
    if not (damaged or ready or delayed or running or dead or counted or next(apart)) then return '' end
    local what = damaged and 'a part of its hash is missing' or 'it stands in line without its hash'
    if repairs then
        redis.call('DEL', job_key(id))
        for kind in pairs(apart) do redis.call('ZREM', apart_of(kind), id) end
        strike(id)
        redis.call('ZREM', key('dead'), id)
        record(id, 'repaired', what)
    end
    return what
end

if job.state == 'dead' then
    if dead then return '' end
    if repairs then
        redis.call('ZADD', key('dead'), job.died_at or now, id)
        record(id, 'repaired', 'a dead letter that was not in the list')
    end
    return 'a dead letter that is not in the list'
end

if state ~= 'queued' and state ~= 'running' then
    if repairs then
        if job.state == 'running' then leave(id, job) else withdraw(id, job) end
        forget(id)
        record(id, 'repaired', 'over in PostgreSQL')
    end
    return state == '' and 'PostgreSQL does not know it' or 'it is ' .. state .. ' in PostgreSQL'
end

local stands = (job.state == 'ready' and ready) or (job.state == 'apart' and apart[job.kind]) or (job.state == 'delayed' and delayed)
    or (job.state == 'running' and running)
if job.state == 'parked' then
    for _, waiting in ipairs(redis.call('LRANGE', key('wait:' .. job.ns), 0, -1)) do
        if waiting == id then stands = redis.call('EXISTS', key('lock:' .. job.ns)) == 1 end
    end
end
if stands then return '' end
if repairs then
    if job.state == 'running' then leave(id, job) else withdraw(id, job) end
    make_ready(id, job)
    record(id, 'repaired', 'it was ' .. job.state .. ' and stood nowhere')
end
return 'it is ' .. job.state .. ' and stands nowhere'
