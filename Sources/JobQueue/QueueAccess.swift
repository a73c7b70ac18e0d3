/// What a Redis user needs for the queue and nothing more, as rules of `ACL SETUSER`.
package enum QueueAccess {
    /// `name`: the queue's, as in `JobQueue.init`. `repairing`: what `storectl doctor` and `storectl fsck` need beside.
    package static func rules(name: String = "prov", repairing: Bool = false) -> [String] {
        let commands = repairing ? commands + ["config|get", "scan"] : commands
        return ["resetkeys", "~sq:{\(name)}:*", "resetchannels", "-@all"] + commands.map { "+" + $0 }
    }

    private static let commands = [
        "auth", "blpop", "client|setname", "del", "eval", "evalsha", "exists", "get", "hdel", "hget", "hgetall", "hmget", "hset", "info",
        "llen",
        "lrange",
        "lrem", "ping", "rpush", "sadd", "scard", "script|load", "select", "set", "sismember", "smembers", "srem", "time", "xadd", "zadd",
        "zcard",
        "zrange",
        "zrangebyscore", "zrank", "zrem", "zscore",
    ]
}
