import StoreDomain
import Foundation
import StoreRecords

/// Whether the work goes on: workers, the pause, leases, dead letters, the records' own consistency.
struct WorkExamination {
    /// Workers report every ten seconds.
    private static let silence: TimeInterval = 30
    /// A sweep comes every second.
    private static let overdue: TimeInterval = 30
    private static let patience: TimeInterval = 900

    let records: StoreRecords
    let hasDatabase: Bool

    func findings() async -> [Finding] {
        guard hasDatabase else {
            return ["workers", "queue", "leases", "dead-letters", "records", "orphans", "capacity"].map {
                .skipped($0, because: "no database")
            }
        }
        do {
            return [
                try await workers(), try await queue(), try await leases(), try await deadLetters(), try await inconsistencies(),
                try await orphans(), try await capacity(),
            ]
        } catch {
            return [.error("records", "\(error)", remedy: "Is this storectl of the same version as the database's schema?")]
        }
    }

    private func workers() async throws -> Finding {
        let living = try await records.workers().filter { $0.reportedAt.timeIntervalSinceNow > -Self.silence }
        if living.isEmpty {
            return .error(
                "workers",
                "none reported within 30 s",
                remedy: "Start store-worker; its log says why it ends. Jobs wait until then."
            )
        }
        let blind = living.filter { !$0.report.kubernetes || !$0.report.helm }.map(\.report.worker)
        if !blind.isEmpty {
            return .error(
                "workers",
                "without Kubernetes or Helm: \(blind.joined(separator: ", "))",
                remedy: "Run storectl doctor with that worker's settings; its log has the cluster's words."
            )
        }
        if living.allSatisfy(\.isDraining) {
            return .error("workers", "all are drained", remedy: "storectl drain --undo WORKER")
        }
        let busy = living.reduce(0) { $0 + $1.report.busy }
        let slots = living.reduce(0) { $0 + $1.report.slots }
        return .fine("workers", "\(living.count), \(busy) of \(slots) slots busy")
    }

    private func capacity() async throws -> Finding {
        guard let seen = try await records.capacity(), seen.at.timeIntervalSinceNow > -Self.patience else {
            return .warning("capacity", "no worker has seen the nodes", remedy: "Workers need get, list and watch of nodes and pods.")
        }
        if seen.room.isEmpty {
            return .warning("capacity", "no chart of a worker tells what a plan reserves", remedy: "Replace workers of an earlier version.")
        }
        let room = seen.room.map { "\($0.stores) \($0.engine.rawValue) \($0.plan.rawValue)" }.joined(separator: ", ")
        if seen.room.contains(where: { $0.plan == .small && $0.stores == 0 }) {
            return .warning("capacity", "room for \(room)", remedy: "storectl capacity shows the nodes: add one, or let stores sleep.")
        }
        return .fine("capacity", "room for \(room)")
    }

    private func queue() async throws -> Finding {
        let summary = try await records.queueSummary()
        if let pause = summary.pause {
            return .warning("queue", "paused by \(pause.by): \(pause.reason)", remedy: "storectl resume")
        }
        // Nobody waits for background jobs: they may take a night.
        let oldest =
            summary.lines.filter { $0.state == .queued && $0.jobClass != .background }.map { -$0.oldest.timeIntervalSinceNow }.max() ?? 0
        if oldest > Self.patience {
            return .warning(
                "queue",
                "the oldest job waits since \(Int(oldest / 60)) minutes",
                remedy: "storectl jobs list --state queued, storectl jobs show N. More workers, or a higher MAX_CONCURRENT_PROVISIONS?"
            )
        }
        return .fine("queue", "\(summary.lines.reduce(0) { $0 + $1.count }) jobs live")
    }

    private func leases() async throws -> Finding {
        let overdue = try await records.heldNamespaces().filter {
            $0.isOverdue && $0.job != nil && $0.expiresAt.timeIntervalSinceNow < -Self.overdue
        }
        if overdue.isEmpty { return .fine("leases", "none is overdue") }
        return .error(
            "leases",
            "\(overdue.count) overdue, of \(overdue.prefix(3).map(\.namespace.rawValue).joined(separator: ", "))",
            remedy:
                "Nobody sweeps: are workers running, do their logs tell of failing sweeps? storectl fsck --repair does one sweep's work."
        )
    }

    private func deadLetters() async throws -> Finding {
        let dead = try await records.queueSummary().dead
        if dead == 0 { return .fine("dead-letters", "none") }
        return .warning(
            "dead-letters",
            "\(dead) jobs failed for good",
            remedy: "storectl jobs list --state failed tells why; storectl jobs replay N repeats one, storectl jobs purge forgets old ones."
        )
    }

    private func inconsistencies() async throws -> Finding {
        let found = try await records.inconsistencies()
        if found.isEmpty { return .fine("records", "consistent") }
        return .error(
            "records",
            found.prefix(3).map { "\($0.kind.rawValue) \($0.subject): \($0.detail)" }.joined(separator: "; "),
            remedy: "storectl fsck --repair"
        )
    }

    private func orphans() async throws -> Finding {
        let orphans = try await records.orphans()
        if orphans.isEmpty { return .fine("orphans", "none") }
        return .warning(
            "orphans",
            "\(orphans.count): \(orphans.prefix(3).map(\.name).joined(separator: ", "))",
            remedy: """
                storectl orphans list; then storectl orphans adopt or delete; for a store without a namespace storectl backups restore \
                or storectl stores recreate.
                """
        )
    }
}
