-- Extends a lease. After Redis lost its data, asserts the running job again, so that the cap and the lock heal within a beat.
-- ARGV: id, token, lease in ms, worker, kind, store, ns, user, traceparent
-- Returns 'held', 'cancel' when somebody asked for an end, or 'lost' when another worker has it here.
local id, token, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = fields(id)
if job and job.token ~= token then return 'lost' end
if not job then
    local holder = redis.call('GET', key('lock:' .. ARGV[7]))
    if holder and holder ~= id then return 'lost' end
    redis.call('HSET', job_key(id), 'id', id, 'kind', ARGV[5], 'store', ARGV[6], 'ns', ARGV[7], 'user', ARGV[8],
        'traceparent', ARGV[9], 'state', 'running', 'worker', ARGV[4], 'token', token, 'taken_at', now, 'enqueued_at', now,
        'score', string.format('%.0f', (ARGV[5] == 'delete' and 0 or CLASS) + start_tag(ARGV[8])))
    record(id, 'asserted', ARGV[4])
end
redis.call('SET', key('lock:' .. ARGV[7]), id)
redis.call('ZADD', key('running'), now + lease, id)
if ARGV[5] ~= 'delete' then redis.call('SADD', key('provisioning'), id) end
redis.call('HSET', job_key(id), 'beat_at', now)
if job and job.cancel then return 'cancel' end
return 'held'
