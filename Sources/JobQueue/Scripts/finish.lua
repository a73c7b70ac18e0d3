-- Forgets a job that is final in PostgreSQL, or keeps it among the dead letters. ARGV: id, token, why it failed for good (empty: it did not).
-- Returns 1, or 0 when another worker has taken it here: PostgreSQL will tell that one that it is over.
local id, token, why, job = ARGV[1], ARGV[2], ARGV[3], fields(ARGV[1])
end_taking(token)
if not job then return 1 end
if job.state == 'running' then
    if job.token ~= token then return 0 end
    leave(id, job)
else
    -- Its lease had lapsed here, or Redis was wiped, and it was put back in line meanwhile.
    withdraw(id, job)
end
conclude(id, why)
record(id, why ~= '' and 'buried' or 'finished', why ~= '' and why or job.worker)
return 1
