-- Removes a job that waits; marks one that runs, whose next renewal tells its worker. ARGV: id, who and why.
-- Returns 'removed', 'running' or 'unknown'.
local id, job = ARGV[1], fields(ARGV[1])
if not job or job.state == 'dead' then return 'unknown' end
if job.state == 'running' then
    redis.call('HSET', job_key(id), 'cancel', ARGV[2])
    record(id, 'cancel asked', ARGV[2])
    return 'running'
end
withdraw(id, job)
forget(id)
record(id, 'cancelled', ARGV[2])
return 'removed'
