-- Makes a job known. Enqueuing a known job again changes nothing.
-- ARGV: id, kind, store, namespace, user (may be empty), not_before (0: at once), traceparent (may be empty)
-- Returns 1 when it was new, else 0.
local id, kind, user = ARGV[1], ARGV[2], ARGV[5]
if redis.call('EXISTS', job_key(id)) == 1 then return 0 end
redis.call('HSET', job_key(id), 'id', id, 'kind', kind, 'store', ARGV[3], 'ns', ARGV[4], 'user', user,
    'traceparent', ARGV[7], 'score', score_for(kind, user), 'enqueued_at', now)
place(id, fields(id), tonumber(ARGV[6]))
record(id, 'enqueued', kind .. ' ' .. ARGV[4])
return 1
