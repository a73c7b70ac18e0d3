-- Forgets a job that is final. ARGV: id, token. Returns 1, or 0 when another worker has it here.
local id, job = ARGV[1], fields(ARGV[1])
if not job then return 1 end
if job.token ~= ARGV[2] then return 0 end
leave(id, job)
forget(id)
record(id, 'finished', job.worker)
return 1
