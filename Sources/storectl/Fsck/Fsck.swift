import ArgumentParser
import Cluster
import JobQueue
import StoreDomain
import StoreRecords
import StoreWorker

/// Compares Redis, PostgreSQL and the cluster.
struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare PostgreSQL with itself, Redis with PostgreSQL, and the cluster with both; --repair repairs what can be.",
        discussion: """
            It may run at any time: each repair looks again before it does anything, and what workers change meanwhile is left alone.
            Orphan namespaces and missing ones are only told: storectl orphans, backups restore and stores recreate are for these.
            It ends with 3 when there was something, repaired or not.
            """
    )
    @OptionGroup var output: OutputOptions
    @OptionGroup var order: OperatorOptions
    @Flag(help: "Repair what can be.") var repair = false
    @Flag(inversion: .prefixedNo, help: "Look at the cluster, too.") var cluster = true

    func run() async throws {
        var faults: [Fault] = []
        try await Session.run { session in
            if repair { try await session.records.audit(order.actor(), "fsck.repair") }
            faults += try await records(session)
            faults += try await queue(session)
            if cluster { faults += try await namespaces(session) }
        }
        Table.faults.show(faults, json: output.json, nothing: "No inconsistencies.")
        if !faults.isEmpty { throw Outcome.findings }
    }

    private func records(_ session: Session) async throws -> [Fault] {
        let found = try await session.records.inconsistencies()
        if repair, !found.isEmpty { try await session.records.repairConsistency() }
        let left = repair ? try await session.records.inconsistencies() : found
        return found.map {
            Fault(place: "records", subject: "\($0.kind.rawValue) \($0.subject)", detail: $0.detail, isRepaired: !left.contains($0))
        }
    }

    private func queue(_ session: Session) async throws -> [Fault] {
        // Redis is read first: a job that is made meanwhile is in PostgreSQL before it is there.
        let contents = try await session.queue.contents()
        let states = try await session.records.states(of: Array(contents.jobs))
        var faults: [Fault] = []
        for job in contents.jobs.sorted() {
            guard let detail = try await session.queue.repair(job, state: states[job], repairing: repair) else { continue }
            faults.append(Fault(place: "redis", subject: "job \(job)", detail: detail, isRepaired: repair))
        }
        for namespace in contents.locks.sorted() {
            guard let detail = try await session.queue.repairLock(namespace, repairing: repair) else { continue }
            faults.append(Fault(place: "redis", subject: "lock \(namespace)", detail: detail, isRepaired: repair))
        }
        var after: JobID?
        repeat {
            let page = try await session.records.queuedDescriptors(limit: 500, after: after)
            let unknown = try await session.queue.unknown(of: page)
            if repair { try await session.queue.enqueue(unknown) }
            faults += unknown.map {
                Fault(place: "redis", subject: "job \($0.id)", detail: "it is queued in PostgreSQL, and not known here", isRepaired: repair)
            }
            after = page.count == 500 ? page.last?.id : nil
        } while after != nil
        return faults
    }

    private func namespaces(_ session: Session) async throws -> [Fault] {
        try await ClusterAccess.run(session.settings) { kubernetes in
            let (orphans, missing) = try await OrphanFinder.compare(kubernetes, with: session.records)
            return orphans.map(\.name).sorted().map {
                Fault(place: "cluster", subject: $0, detail: "a namespace of ours that no store has", isRepaired: false)
            }
                + missing.map { Fault(place: "cluster", subject: $0, detail: "a store is ready there, but it is gone", isRepaired: false) }
        }
    }
}

/// Something that does not agree.
struct Fault {
    /// `records`, `redis` or `cluster`.
    let place: String
    let subject: String
    let detail: String
    let isRepaired: Bool
}

extension Table<Fault> {
    static var faults: Self {
        Table(columns: [
            .init("place", "IN") { .text($0.place) }, .init("subject", "WHAT") { .text($0.subject) },
            .init("repaired", "REPAIRED") { .flag($0.isRepaired) }, .init("detail", "DETAIL") { .text($0.detail) },
        ])
    }
}
