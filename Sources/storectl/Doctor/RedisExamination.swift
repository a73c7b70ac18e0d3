import JobQueue
import Redis

/// Redis: there, new enough, and kept from forgetting what it should keep.
struct RedisExamination {
    let queue: JobQueue

    func findings() async -> [Finding] {
        let server: QueueServer
        do {
            server = try await queue.server()
        } catch {
            let problem = (error as? RedisError)?.problem.map { $0 + ": " } ?? ""
            let lost = Finding.error(
                "redis",
                "\(problem)\(error)",
                remedy: """
                    Is Redis running, and is REDIS_URL right? Requests are accepted meanwhile, and queued once it is back; nothing is lost.
                    """
            )
            return [lost]
                + ["redis-version", "redis-eviction", "redis-persistence", "redis-clock"].map { .skipped($0, because: "no Redis") }
        }
        var findings = [await writes(server)]
        findings.append(
            server.version >= (6, 2)
                ? .fine("redis-version", server.versionText)
                : .error("redis-version", server.versionText, remedy: "Redis 6.2 or later, or Valkey 8, is needed.")
        )
        findings.append(
            server.evictionPolicy == "noeviction"
                ? .fine("redis-eviction", "nothing is evicted")
                : .error(
                    "redis-eviction",
                    "maxmemory-policy is \(server.evictionPolicy): locks and jobs may be thrown away",
                    remedy: "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf; give the queue a Redis of its own."
                )
        )
        if server.appends || server.snapshots == true {
            findings.append(.fine("redis-persistence", server.appends ? "it appends to a file" : "it writes snapshots"))
        } else {
            findings.append(
                .warning(
                    "redis-persistence",
                    server.snapshots == nil
                        ? "it does not append to a file, and does not say whether it writes snapshots" : "it keeps nothing",
                    remedy: "Nothing is lost without it, the sweep puts the queue back; with appendonly yes a restart of Redis is not felt."
                )
            )
        }
        findings.append(await Clock.finding("redis-clock", "Redis") { server.clock })
        return findings
    }

    /// A replica, and one whose disk or memory is full, answer all other questions.
    private func writes(_ server: QueueServer) async -> Finding {
        if server.isReplica { return .error("redis", "it is a replica and takes no writes", remedy: "Point REDIS_URL at the primary.") }
        do { try await queue.probe() } catch {
            let problem = (error as? RedisError)?.problem.map { $0 + ": " } ?? ""
            return .error(
                "redis",
                "\(problem)\(error)",
                remedy: "Its log, and INFO persistence and INFO memory, have more. Nothing is lost meanwhile."
            )
        }
        return .fine("redis", "it answers and takes writes")
    }
}
