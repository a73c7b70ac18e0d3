-- Forgets a job that is final in PostgreSQL. ARGV: id, token.
-- Returns 1, or 0 when another worker has taken it here: PostgreSQL will tell that one that it is over.
local id, token, job = ARGV[1], ARGV[2], fields(ARGV[1])
end_taking(token)
if not job then return 1 end
if job.state == 'running' then
    if job.token ~= token then return 0 end
    leave(id, job)
else
    -- Its lease had lapsed here, or Redis was wiped, and it was put back in line meanwhile.
    withdraw(id, job)
end
forget(id)
record(id, 'finished', job.worker)
return 1
