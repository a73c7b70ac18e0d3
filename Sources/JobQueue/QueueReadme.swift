/// What `GET sq:{name}:readme` shows at the Redis prompt.
enum QueueReadme {
    static func text(base: String) -> String {
        """
        Store Weaver's queue. PostgreSQL is the truth; this may be flushed at any time and is put back.
        \(base)ready         ZSET  who is next: ZRANGE 0 -1 shows the order (by class: delete, interactive, background; then fair between users)
        \(base)running       ZSET  score = when the lease ends, in ms: ZRANGE 0 -1 WITHSCORES
        \(base)delayed       ZSET  score = not before, in ms
        \(base)running:CLASS  SET  running jobs of the class; the number of interactive and of background ones is capped
        \(base)apart:KIND    ZSET  jobs of a kind that a worker did not know: workers that do take them from here; the set apart has the kinds
        \(base)job:ID        HASH  HGETALL: kind, class, store, ns, user, state, worker, renewed_at, cancel
        \(base)lock:NS       STRING  the job that holds the namespace
        \(base)wait:NS       LIST  jobs parked behind it
        \(base)dead          ZSET  score = when it failed for good, in ms; HGETALL its job:ID tells why
        \(base)paused        STRING  SET it to a reason: nothing is taken; DEL it to go on
        \(base)paused-by-records  STRING  the same by PostgreSQL's word, said again every second
        \(base)events        STREAM  XREVRANGE + - COUNT 20: what happened last
        \(base)fair:CLASS    HASH  fair shares: the class's clock and each user's next place, in virtual time
        \(base)ended:TOKEN   STRING  a taking that is over; forgotten after a minute
        \(base)probe         STRING  whether writes are taken, written by who looks at the health
        \(base)rate:WHO      STRING  when the rateLimit of a user or an address is whole again, in ms; deleting it grants a new one
        A stuck job: 1. ZRANGE \(base)running 0 -1 WITHSCORES  2. HGETALL \(base)job:ID  3. XREVRANGE \(base)events + - COUNT 20
        """
    }
}
