-- Ends a job that PostgreSQL ended without its worker: the sweep's word. ARGV: id, why it failed for good (empty: it did not).
-- Returns 1, or 0 when it is not known here.
local id, why, job = ARGV[1], ARGV[2], fields(ARGV[1])
if not job then return 0 end
if job.state == 'running' then leave(id, job) else withdraw(id, job) end
finalize(id, why)
record(id, why ~= '' and 'deadLettered' or 'finalized', why)
return 1
