import ArgumentParser
import Cluster
import JobQueue
import Provisioning
import StoreDomain
import StoreRecords

/// Compares Redis, PostgreSQL and the cluster.
struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare PostgreSQL with itself, Redis with PostgreSQL, and the cluster with both; --fix mends what can be.",
        discussion: """
            It may run at any time: each repair looks again before it does anything, and what workers change meanwhile is left alone.
            Stray namespaces and missing ones are only told: storectl orphans and storectl stores retry are for these.
            It ends with 3 when there was something, mended or not.
            """
    )
    @OptionGroup var output: OutputOptions
    @OptionGroup var order: OperatorOptions
    @Flag(help: "Mend what can be.") var fix = false
    @Flag(inversion: .prefixedNo, help: "Look at the cluster, too.") var cluster = true

    func run() async throws {
        var faults: [Fault] = []
        try await Session.run { session in
            if fix { try await session.records.audit(order.actor(), "fsck.fix") }
            faults += try await records(session)
            faults += try await queue(session)
            if cluster { faults += try await namespaces(session) }
        }
        Table.faults.show(faults, json: output.json, nothing: "Everything agrees.")
        if !faults.isEmpty { throw Outcome.findings }
    }

    private func records(_ session: Session) async throws -> [Fault] {
        let found = try await session.records.contradictions()
        if fix, !found.isEmpty { try await session.records.mendContradictions() }
        let left = fix ? try await session.records.contradictions() : found
        return found.map {
            Fault(place: "records", subject: "\($0.kind.rawValue) \($0.subject)", detail: $0.detail, isMended: !left.contains($0))
        }
    }

    private func queue(_ session: Session) async throws -> [Fault] {
        // Redis is read first: a job that is made meanwhile is in PostgreSQL before it is there.
        let contents = try await session.queue.contents()
        let states = try await session.records.states(of: Array(contents.jobs))
        var faults: [Fault] = []
        for job in contents.jobs.sorted() {
            guard let detail = try await session.queue.mend(job, state: states[job], mending: fix) else { continue }
            faults.append(Fault(place: "redis", subject: "job \(job)", detail: detail, isMended: fix))
        }
        for namespace in contents.locks.sorted() {
            guard let detail = try await session.queue.mendLock(namespace, mending: fix) else { continue }
            faults.append(Fault(place: "redis", subject: "lock \(namespace)", detail: detail, isMended: fix))
        }
        var after: JobID?
        repeat {
            let page = try await session.records.queuedTickets(limit: 500, after: after)
            let unknown = try await session.queue.unknown(of: page)
            if fix { try await session.queue.enqueue(unknown) }
            faults += unknown.map {
                Fault(place: "redis", subject: "job \($0.id)", detail: "it is queued in PostgreSQL, and not known here", isMended: fix)
            }
            after = page.count == 500 ? page.last?.id : nil
        } while after != nil
        return faults
    }

    private func namespaces(_ session: Session) async throws -> [Fault] {
        try await ClusterAccess.run(session.settings) { kubernetes in
            let before = try await session.records.expectedNamespaces()
            let present = Set(try await kubernetes.ownNamespaces().map(\.name))
            let after = try await session.records.expectedNamespaces()
            let strays = present.subtracting(before.living).subtracting(after.living).sorted()
            let missing = before.ready.intersection(after.ready).subtracting(present).sorted()
            return strays.map { Fault(place: "cluster", subject: $0, detail: "a namespace of ours that no store has", isMended: false) }
                + missing.map { Fault(place: "cluster", subject: $0, detail: "a store is ready there, but it is gone", isMended: false) }
        }
    }
}

/// Something that does not agree.
struct Fault {
    /// `records`, `redis` or `cluster`.
    let place: String
    let subject: String
    let detail: String
    let isMended: Bool
}

extension Table<Fault> {
    static var faults: Self {
        Table(columns: [
            .init("place", "IN") { .text($0.place) }, .init("subject", "WHAT") { .text($0.subject) },
            .init("mended", "MENDED") { .flag($0.isMended) }, .init("detail", "DETAIL") { .text($0.detail) },
        ])
    }
}
