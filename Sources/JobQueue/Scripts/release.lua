-- Gives a job back, to be taken again after a delay, perhaps in another namespace.
-- ARGV: id, token, delay in ms, reason, ns. Returns 1, or 0 when another worker has it here.
local id, job = ARGV[1], fields(ARGV[1])
end_taking(ARGV[2])
if not job or job.token ~= ARGV[2] then return 0 end
leave(id, job)
redis.call('HSET', job_key(id), 'ns', ARGV[5])
record(id, 'handed back', ARGV[4])
place(id, job, now + tonumber(ARGV[3]))
return 1
