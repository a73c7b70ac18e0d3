import Foundation
import Redis
import StoreDomain

// What goes into Redis and comes out of it as texts. Whatever comes out is read as if anybody could have written it.

extension JobDescriptor {
    /// As enqueue.lua takes them.
    var queueFields: [String] {
        [
            id.description, kind.rawValue, jobClass.name, store.rawValue, namespace.rawValue, user?.rawValue ?? "",
            notBefore.map { String(Int64($0.timeIntervalSince1970 * 1_000)) } ?? "0", traceparent ?? "",
        ]
    }

    /// What release.lua makes true of a job that was queued again.
    var placeFields: [String] { [kind.rawValue, jobClass.name, namespace.rawValue] }

    /// What `take` answers: id, kind, class, store, namespace, user, traceparent. Throws `QueueError`.
    init(reply: [String]) throws {
        guard
            reply.count == 7, let id = JobID(reply[0]), let kind = JobKind(rawValue: reply[1]), let jobClass = JobClass(name: reply[2]),
            let store = StoreID(reply[3]), let namespace = StoreNamespace(reply[4])
        else { throw QueueError(message: "a job in Redis is unreadable: \(reply)") }
        self.init(
            id: id,
            kind: kind,
            jobClass: jobClass,
            store: store,
            namespace: namespace,
            user: UserID(reply[5]),
            traceparent: reply[6].isEmpty ? nil : reply[6]
        )
    }
}

/// What take.lua answers; the nth job's token is `token-n`.
struct TakeReply {
    let outcome: TakeOutcome
    /// Of each job that nobody can read what finish.lua takes: its id, its token, and no reason.
    let unreadable: [[String]]

    /// Throws `QueueError` where it is no answer at all. One job that cannot be read does not keep the others from being taken.
    init(reply: RedisValue, worker: String, token: String) throws {
        let parts = reply.array ?? []
        var unreadable: [[String]] = []
        switch parts.first?.string {
        case "taken" where parts.count > 1:
            var jobs: [LeasedJob] = []
            for (place, part) in parts.dropFirst().enumerated() {
                let (fields, token) = ((part.array ?? []).map(\.string), "\(token)-\(place + 1)")
                do {
                    jobs.append(
                        LeasedJob(
                            descriptor: try JobDescriptor(reply: fields.contains(nil) ? [] : fields.compactMap(\.self)),
                            worker: worker,
                            token: token
                        )
                    )
                } catch {
                    unreadable.append([fields.first.flatMap { $0 } ?? "", token, ""])
                }
            }
            outcome = jobs.isEmpty ? .empty(nextDue: .zero) : .taken(jobs)
        case "paused": outcome = .paused(reason: parts.last?.string ?? "")
        case "capped": outcome = .capped(nextDue: Self.due(parts.last))
        case "empty": outcome = .empty(nextDue: Self.due(parts.last))
        default: throw QueueError(message: "take answered \(reply)")
        }
        self.unreadable = unreadable
    }

    /// In milliseconds; -1: never.
    private static func due(_ reply: RedisValue?) -> Duration? {
        guard let wait = reply?.integer, wait >= 0 else { return nil }
        return .milliseconds(wait)
    }
}
