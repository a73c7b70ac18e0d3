import Redis
package import StoreDomain

/// Everything that the queue holds, by the keys that are there.
package struct QueueContents: Sendable, Equatable {
    /// Jobs that have a hash or stand in any list.
    package var jobs: Set<JobID> = []
    /// Namespaces that are locked.
    package var locks: Set<String> = []
}

/// What an operator finds and repairs in Redis. Each repair is one script, so nothing can come between the look and the deed.
extension JobQueue {
    /// Reads every key of the queue; meant for an operator's hand, not for a loop.
    package func contents() async throws -> QueueContents {
        var contents = QueueContents()
        let kindsApart = try await redis.command(["SMEMBERS", base + "apart"]).array?.compactMap(\.string) ?? []
        let lists = try await redis.pipeline(
            [
                ["ZRANGE", base + "ready", "0", "-1"], ["ZRANGE", base + "delayed", "0", "-1"], ["ZRANGE", base + "running", "0", "-1"],
                ["ZRANGE", base + "dead", "0", "-1"],
            ] + JobClass.allCases.map { ["SMEMBERS", base + "running:" + $0.name] }
                + kindsApart.map { ["ZRANGE", base + "apart:" + $0, "0", "-1"] }
        )
        for list in lists {
            if case .error(let text) = list { throw QueueError(message: text) }
            contents.jobs.formUnion((list.array ?? []).compactMap { $0.string.flatMap { JobID($0) } })
        }
        for key in try await keys("job:") { if let id = JobID(key) { contents.jobs.insert(id) } }
        contents.locks = Set(try await keys("lock:"))
        return contents
    }

    /// What is wrong with the job here, given its state in PostgreSQL (`nil`: it is not there); `nil` when nothing is.
    package func repair(_ job: JobID, state: JobState?, repairing: Bool) async throws -> String? {
        let reply = try await run(QueueScripts.repair, [job.description, repairing ? "repair" : "look", state?.rawValue ?? ""])
        return reply.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What is wrong with the namespace's lock; `nil` when nothing is.
    package func repairLock(_ namespace: String, repairing: Bool) async throws -> String? {
        let reply = try await run(QueueScripts.repairLock, [namespace, repairing ? "repair" : "look"])
        return reply.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A delayed job waits no longer. False: it does not wait for a time here.
    @discardableResult
    package func runNow(_ job: JobID, deadline: Duration = .seconds(5)) async throws -> Bool {
        try await run(QueueScripts.runNow, [job.description], deadline: deadline) == .integer(1)
    }

    /// The endings of all keys that begin so. SCAN may tell one twice.
    private func keys(_ prefix: String) async throws -> [String] {
        var cursor = "0"
        var found: [String] = []
        // The braces of a hash tag mean nothing to MATCH.
        repeat {
            let reply = try await redis.command(["SCAN", cursor, "MATCH", base + prefix + "*", "COUNT", "1000"]).array ?? []
            guard reply.count == 2, let next = reply[0].string else { throw QueueError(message: "SCAN answered \(reply)") }
            found += (reply[1].array ?? []).compactMap { $0.string.map { String($0.dropFirst(base.count + prefix.count)) } }
            cursor = next
        } while cursor != "0"
        return found
    }
}
