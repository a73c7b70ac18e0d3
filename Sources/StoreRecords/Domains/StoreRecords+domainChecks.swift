package import Foundation
import Postgres
package import StoreDomain

/// A domain that is to be looked at, with what that takes of its store.
package struct DueDomain: Sendable, Equatable {
    package let domain: OwnDomain
    package let engine: Engine
    package let namespace: StoreNamespace
}

/// What was seen of a domain; `nil`: that was not looked at, or nobody could tell.
package struct DomainSight: Sendable, Equatable {
    /// Its TXT record is there.
    package var isProved: Bool?
    /// It leads here.
    package var isReached: Bool?
    /// What is missing, for people.
    package var problem: String?
    package var certificateUntil: Date?

    package init(isProved: Bool? = nil, isReached: Bool? = nil, problem: String? = nil, certificateUntil: Date? = nil) {
        self.isProved = isProved
        self.isReached = isReached
        self.problem = problem
        self.certificateUntil = certificateUntil
    }
}

/// What one worker at a time does for all domains.
extension StoreRecords {
    /// Those that have waited longest first.
    package func dueDomains(limit: Int) async throws -> [DueDomain] {
        try await pool.query(
            """
            SELECT \(Self.domainColumns(of: "d")), s.engine, s.namespace FROM domains d JOIN stores s ON s.id = d.store_id
            WHERE d.check_at <= clock_timestamp() AND s.deleted_at IS NULL ORDER BY d.check_at LIMIT \(limit)
            """
        ).map { DueDomain(domain: try OwnDomain(row: $0), engine: try $0["engine"], namespace: try $0["namespace"]) }
    }

    /// Writes what was seen and moves the domain on by that, with the generation of its store that follows from it, and of the one that
    /// loses it: one transaction. `ordersPerHour`: how many certificates may be ordered; `nil`: this one orders none. The state that it has
    /// now, `nil` where it is gone; and the jobs that are to be enqueued.
    package func note(
        _ domain: OwnDomain,
        _ sight: DomainSight,
        ordersPerHour: Int?
    ) async throws -> (state: DomainState?, jobs: [JobDescriptor]) {
        let row = try await one(
            """
            SELECT r.became, array_to_string(r.accepted_jobs, ',') AS jobs
            FROM note_domain(\(domain.id), \(sight.isProved), \(sight.isReached), \(sight.problem?.plain(atMost: 1_000)),
                             \(sight.certificateUntil), \(ordersPerHour)) r
            """
        )
        guard let state: DomainState = try row["became"] else { return (nil, []) }
        let jobs: String = try row["jobs"]
        return (state, try await queuedDescriptors(of: jobs.split(separator: ",").compactMap { Int64($0) }))
    }

    /// Makes generations of stores that are not wanted with the hosts that they should have: a change was taken back, or could not be made.
    /// The jobs that are to be enqueued.
    package func serveDomainsAgain(limit: Int = 100) async throws -> [JobDescriptor] {
        var jobs: [Int64] = []
        for row in try await pool.query("SELECT unserved_domains(\(limit)) AS id") {
            let id: String = try row["id"]
            if let job: Int64 = try await one("SELECT serve_again(\(id)) AS job")["job"] { jobs.append(job) }
        }
        return try await queuedDescriptors(of: jobs)
    }

    private func queuedDescriptors(of jobs: [Int64]) async throws -> [JobDescriptor] {
        guard !jobs.isEmpty else { return [] }
        return try await pool.query(
            """
            SELECT id, kind, class, store_id, namespace, owner, run_after, traceparent FROM jobs
            WHERE id = ANY(\(jobs)) AND state = 'queued'
            """
        ).map(JobDescriptor.init(row:))
    }
}
