-- A delayed job waits no longer. ARGV: id. Returns 1, or 0 when it does not wait for a time.
local id, job = ARGV[1], fields(ARGV[1])
if not job or job.state ~= 'delayed' then return 0 end
redis.call('ZREM', key('delayed'), id)
make_ready(id, job)
record(id, 'mayRunNow', '')
return 1
