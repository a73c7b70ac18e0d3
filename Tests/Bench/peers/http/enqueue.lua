-- What the peers make a job known with. KEYS: the job, the queue. ARGV: the job's number, its store, its namespace
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'store', ARGV[2], 'ns', ARGV[3], 'state', 'ready')
return redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1])
