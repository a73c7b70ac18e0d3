-- Why a job waits. ARGV: id.
-- Returns {state, how many stand before it (-1: not in line), the job that holds its namespace or ''}; {} when it is unknown.
local id, job = ARGV[1], read(ARGV[1])
if not job then return {} end
local rank = redis.call('ZRANK', key('ready'), id)
return { job.state, rank or -1, job.state ~= 'running' and redis.call('GET', key('lock:' .. job.ns)) or '' }
