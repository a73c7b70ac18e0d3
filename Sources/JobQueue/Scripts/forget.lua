-- Forgets a dead letter that was replayed. ARGV: id. Returns 1, or 0 when it is none.
if redis.call('ZSCORE', key('dead'), ARGV[1]) then
    forget(ARGV[1])
    record(ARGV[1], 'replayed', '')
    return 1
end
return 0
