-- Which of these jobs are to be enqueued. ARGV: for each its id, kind and class, 1,000 jobs at most.
-- Returns the ids of those that the queue does not know, or has under another kind or class.
local unknown = {}
for i = 1, #ARGV, 3 do
    local seen = redis.call('HMGET', job_key(ARGV[i]), 'kind', 'class', 'state')
    if seen[3] ~= 'dead' and (seen[1] ~= ARGV[i + 1] or seen[2] ~= ARGV[i + 2]) then unknown[#unknown + 1] = ARGV[i] end
end
return unknown
