-- Gives a job back, to be taken again after a delay.
-- ARGV: id, token, delay in ms, reason; and, where PostgreSQL queued it again, the kind, class and namespace that it has now.
-- Returns 1, or 0 when another worker has it here.
local id, job = ARGV[1], fields(ARGV[1])
end_taking(ARGV[2])
if not job or job.token ~= ARGV[2] then return 0 end
leave(id, job)
if ARGV[5] then
    redis.call('HSET', job_key(id), 'ns', ARGV[7])
    reclassify(id, job, ARGV[5], ARGV[6])
end
record(id, 'handed back', ARGV[4])
place(id, job, now + tonumber(ARGV[3]))
return 1
