-- Makes jobs known. Enqueuing a known job again changes nothing.
-- ARGV: for each job its id, kind, store, namespace, user (may be empty), not_before (0: at once), traceparent (may be empty)
-- Returns how many were new.
local new = 0
for i = 1, #ARGV, 7 do
    local id, kind, user = ARGV[i], ARGV[i + 1], ARGV[i + 4]
    if redis.call('EXISTS', job_key(id)) == 0 then
        local job = { ns = ARGV[i + 3], score = score_for(kind, user), state = 'ready' }
        redis.call('HSET', job_key(id), 'id', id, 'kind', kind, 'store', ARGV[i + 2], 'ns', job.ns, 'user', user,
            'traceparent', ARGV[i + 6], 'score', job.score, 'enqueued_at', now, 'state', job.state)
        place(id, job, tonumber(ARGV[i + 5]))
        record(id, 'enqueued', kind .. ' ' .. job.ns)
        new = new + 1
    end
end
return new
