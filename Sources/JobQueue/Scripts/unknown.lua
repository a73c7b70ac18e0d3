-- Which of these jobs are to be enqueued. ARGV: ids, 1,000 at most. Returns those that the queue does not know.
local unknown = {}
for _, id in ipairs(ARGV) do
    if redis.call('EXISTS', job_key(id)) == 0 then unknown[#unknown + 1] = id end
end
return unknown
