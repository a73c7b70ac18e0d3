-- Looks whether a lock's holder runs in that namespace; frees it otherwise. ARGV: namespace, 'repair' or 'look'.
-- Returns what is wrong, as text; '' when nothing is.
local ns = ARGV[1]
local holder = redis.call('GET', key('lock:' .. ns))
if not holder then return '' end
local job = read(holder)
if job and job.state == 'running' and job.ns == ns then return '' end
if ARGV[2] == 'repair' then
    unlock(holder, ns)
    record(holder, 'repaired', 'it held ' .. ns .. ' without running there')
end
return 'job ' .. holder .. ' holds it without running there'
