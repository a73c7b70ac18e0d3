-- Makes jobs known. A known job goes where its kind and class belong; otherwise enqueuing it again changes nothing.
-- ARGV: for each job its id, kind, class, store, namespace, user (may be empty), not_before (0: at once), traceparent (may be empty)
-- Returns how many were new.
local new = 0
for i = 1, #ARGV, 8 do
    local id, kind, class, user = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 5]
    local job = fields(id)
    if not job then
        job = { ns = ARGV[i + 4], score = score_for(class, user), state = 'ready' }
        redis.call('HSET', job_key(id), 'id', id, 'kind', kind, 'class', class, 'store', ARGV[i + 3], 'ns', job.ns, 'user', user,
            'traceparent', ARGV[i + 7], 'score', job.score, 'enqueued_at', now, 'state', job.state)
        place(id, job, tonumber(ARGV[i + 6]))
        record(id, 'enqueued', kind .. ' ' .. job.ns)
        new = new + 1
    elseif job.state ~= 'dead' then
        reclassify(id, job, kind, class)
    end
end
return new
