-- Extends a lease that PostgreSQL has just renewed. Where Redis lost the job, or has it in line again, asserts it as running,
-- so that the cap and the lock are right again within a renewal.
-- ARGV: id, token, lease in ms, worker, kind, class, store, ns, user, traceparent
-- Returns 'held', 'cancel' when somebody asked for an end, or 'lost' when this taking is over here or another has the job or its namespace.
local id, token, lease, class, ns, user = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[6], ARGV[8], ARGV[9]
if redis.call('EXISTS', key('ended:' .. token)) == 1 then return 'lost' end
local job = fields(id)
if job and job.state == 'running' then
    if job.token ~= token then return 'lost' end
else
    local holder = redis.call('GET', key('lock:' .. ns))
    if holder and holder ~= id then return 'lost' end
    if job then
        withdraw(id, job)
    else
        redis.call('HSET', job_key(id), 'id', id, 'kind', ARGV[5], 'class', class, 'store', ARGV[7], 'user', user, 'traceparent', ARGV[10],
            'enqueued_at', now, 'score', score_for(class, user))
    end
    redis.call('HSET', job_key(id), 'state', 'running', 'ns', ns, 'worker', ARGV[4], 'token', token, 'taken_at', now)
    record(id, 'asserted', ARGV[4])
end
redis.call('SET', key('lock:' .. ns), id)
redis.call('ZADD', key('running'), now + lease, id)
redis.call('SADD', running_of(job and job.class or class), id)
redis.call('HSET', job_key(id), 'renewed_at', now)
if job and job.cancel then return 'cancel' end
return 'held'
