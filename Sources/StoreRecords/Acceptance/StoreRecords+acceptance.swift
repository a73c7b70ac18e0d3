import Postgres
package import StoreDomain

extension StoreSource {
    /// As `accept_stores` takes it.
    fileprivate var text: String {
        switch self {
        case .backup(let backup): backup.rawValue
        case .archive(let archive): VaultFolder.archive(archive).name
        }
    }
}

extension StoreRecords {
    /// Checks the quotas, makes the store and its provision job: one transaction, with its line in the audit.
    package func create(_ request: NewStore, limits: StoreLimits, by actor: Operator) async throws -> CreateOutcome {
        let outcomes = try await create([(request, actor)], limits: limits)
        guard let outcome = outcomes.first else { throw StoreRecordsError(code: .unreadableRow, message: "accept_stores answered nothing") }
        return outcome
    }

    /// The same for many in one transaction; the outcomes in their order. When PostgreSQL fails one, it fails all, and nothing is made.
    package func create(_ requests: [(store: NewStore, actor: Operator)], limits: StoreLimits) async throws -> [CreateOutcome] {
        let made = requests.map { request, actor -> Made in
            let id = StoreID.random()
            if let slug = request.slug { return (request, actor, id, StoreNamespace(slug), StoreNamespace(slug)) }
            let suffixed = StoreNamespace.suffixed(for: request.name, id: id)
            let preferred = request.formerNamespace ?? StoreNamespace.preferred(for: request.name)
            return (request, actor, id, request.reservedSlugs.contains(preferred.slug) ? suffixed : preferred, suffixed)
        }
        let rows: [PostgresRow]
        do {
            rows = try await retryingOnce { try await accept(made, limits: limits) }
        } catch let error as PostgresError where error.sqlState == Self.bothTaken && requests.count == 1 && requests[0].store.slug != nil {
            let slug = requests[0].store.slug?.rawValue
            try await audit(requests[0].actor, requests[0].store.action, target: slug, detail: "slug_taken", outcome: .refused)
            return [.slugTaken]
        }
        var outcomes: [CreateOutcome?] = Array(repeating: nil, count: requests.count)
        for row in rows {
            let place: Int = try row["place"]
            guard requests.indices.contains(place - 1) else { continue }
            outcomes[place - 1] = try outcome(row, of: requests[place - 1].store, limits: limits)
        }
        return try outcomes.map { outcome in
            guard let outcome else {
                throw StoreRecordsError(code: .unreadableRow, message: "accept_stores left a request without an answer")
            }
            return outcome
        }
    }

    /// What `create_store` raises where the namespace and the one with the suffix are other stores'.
    private static let bothTaken = "SW004"

    /// Whether no living store has this slug's namespace.
    package func isFree(_ slug: StoreSlug) async throws -> Bool {
        let row = try await one(
            "SELECT NOT EXISTS (SELECT 1 FROM stores WHERE namespace = \(StoreNamespace(slug).rawValue) AND deleted_at IS NULL) AS free"
        )
        return try row["free"]
    }

    private typealias Made = (NewStore, Operator, StoreID, StoreNamespace, StoreNamespace)

    private func accept(_ made: [Made], limits: StoreLimits) async throws -> [PostgresRow] {
        try await pool.query(
            """
            SELECT r.place, r.outcome, r.accepted_job, r.used, r.user_limit, r.unit_limit, \(StoreColumn.columns(of: "(r.store)")) FROM accept_stores(
                \(made.map(\.2.rawValue)), \(made.map(\.0.name.rawValue)), \(made.map(\.0.engine.rawValue)),
                \(made.map { $0.0.owner?.rawValue ?? "" }), \(made.map(\.0.role.rawValue)), \(made.map(\.3.rawValue)), \(made.map(\.4.rawValue)),
                \(made.map { $0.0.plan?.rawValue ?? "" }), \(limits.total), \(limits.perUser), \(limits.unitsPerUser), \(made.map { $0.0.idempotency?.key ?? "" }),
                \(made.map { $0.0.idempotency?.bodyDigest ?? "" }), \(made.map { $0.0.traceparent ?? "" }),
                \(made.map(\.1.name)), \(made.map(\.1.source.rawValue)), \(made.map { $0.1.address ?? "" }),
                \(made.map { $0.0.source?.text ?? "" }), \(made.map { String($0.0.isStaging) })::boolean[], \(made.map(\.0.action)),
                \(made.map { $0.0.undeletes?.rawValue ?? "" })) r
            """
        )
    }

    private func outcome(_ row: PostgresRow, of request: NewStore, limits: StoreLimits) throws -> CreateOutcome {
        switch try row["outcome"] as String {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try descriptor(row, kind: .provision, of: store, traceparent: request.traceparent))
        case "repeated": return .repeated(try Store(row: row))
        case "key_reused": return .keyReused
        case "no_backup": return .noBackup
        case "brought_back": return .broughtBack
        case "total_limit": return .totalLimitReached(limit: limits.total)
        // Who never had a store is not counted.
        case "user_limit": return .userLimitReached(used: try row["used"] ?? 0, limit: try row["user_limit"])
        case "unit_limit": return .unitLimitReached(used: try row["used"], limit: try row["unit_limit"])
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "accept_stores answered \(other)")
        }
    }

    /// Queues again what failed, or what was not made. `visibleTo` nil: whoever owns it. `takeOver`: Helm sets fields that another manager has set.
    /// `units`: how many units of plans its owner may have, and the owner's role; `nil`: only a quota that was set for either counts.
    package func retry(
        _ id: StoreID,
        takeOver: Bool = false,
        visibleTo: StoreAccess?,
        traceparent: String?,
        units: (limit: Int, role: Role)? = nil,
        by actor: Operator
    ) async throws -> RetryOutcome {
        try await retry(
            Self.audited(
                Self.retry(id, takeOver: takeOver, visibleTo: visibleTo, traceparent: traceparent, units: units),
                by: actor,
                takeOver ? "store.take-over" : "store.retry",
                target: "\(id.rawValue)::text",
                accepted: ["accepted"]
            ),
            traceparent: traceparent
        )
    }

    /// Makes an empty store in place of one whose namespace or volume is lost.
    package func recreate(_ id: StoreID, visibleTo: StoreAccess?, traceparent: String?, by actor: Operator) async throws -> RetryOutcome {
        try await retry(
            Self.audited(
                Self.retry(id, visibleTo: visibleTo, traceparent: traceparent, recreates: true),
                by: actor,
                "store.recreate",
                target: "\(id.rawValue)::text",
                accepted: ["accepted"]
            ),
            traceparent: traceparent
        )
    }

    /// For what is a part of something else that is written down.
    static func retry(
        _ id: StoreID,
        takeOver: Bool = false,
        visibleTo: StoreAccess? = nil,
        traceparent: String?,
        units: (limit: Int, role: Role)? = nil,
        recreates: Bool = false
    ) -> SQL {
        """
        SELECT r.outcome, r.accepted_job, r.accepted_kind, r.used, r.allowed, \(StoreColumn.columns(of: "(r.store)"))
        FROM retry_store(
            \(id.rawValue), \(visibleTo?.user.rawValue), \(traceparent), \(takeOver), \(units?.role.rawValue), \(units?.limit), \(recreates)) r
        """
    }

    func retry(_ statement: SQL, traceparent: String?) async throws -> RetryOutcome {
        let row = try await one(statement)
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try descriptor(row, kind: try row["accepted_kind"], of: store, traceparent: traceparent))
        case "not_failed":
            return .notFailed
        case "lost":
            return .lost
        case "not_lost":
            return .notLost
        case "busy":
            return .busy
        case "unit_limit":
            return .unitLimitReached(used: try row["used"], limit: try row["allowed"])
        case "not_found":
            return .notFound
        default:
            throw StoreRecordsError(code: .unreadableRow, message: "retry_store answered \(outcome)")
        }
    }

    /// Cancels what waits or runs for the store and queues its deletion. Of a store that is being deleted or gone, nothing but what it was to keep can
    /// still be given up.
    package func delete(
        _ id: StoreID,
        keeping: DeleteKeeping = .backups(days: 7, final: false),
        visibleTo: StoreAccess?,
        traceparent: String?,
        by actor: Operator
    ) async throws -> DeleteOutcome {
        let (days, takesFinal) = if case .backups(let days, let final) = keeping { (days, final) } else { (0, false) }
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, array_to_string(r.stopped, ',') AS stopped, \(StoreColumn.columns(of: "(r.store)"))
                FROM delete_store(
                    \(id.rawValue), \(visibleTo?.user.rawValue), \(traceparent), \(takesFinal && days > 0), \(days), \(keeping == .nothing)) r
                """,
                by: actor,
                keeping == .nothing ? "store.purge" : "store.delete",
                target: "\(id.rawValue)::text",
                accepted: ["accepted", "already_deleting", "purged"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            let stopped: String? = try row["stopped"]
            let cancelling = (stopped ?? "").split(separator: ",").compactMap { JobID(String($0)) }
            return .accepted(store, try descriptor(row, kind: .delete, of: store, traceparent: traceparent), cancelling: cancelling)
        case "already_deleting":
            return .alreadyDeleting(try Store(row: row))
        case "purged":
            return .purged(try Store(row: row))
        case "not_found":
            return .notFound
        default:
            throw StoreRecordsError(code: .unreadableRow, message: "delete_store answered \(outcome)")
        }
    }

    func descriptor(
        _ row: PostgresRow,
        kind: JobKind,
        jobClass: JobClass? = nil,
        of store: Store,
        traceparent: String?
    ) throws -> JobDescriptor {
        JobDescriptor(
            id: try row["accepted_job"],
            kind: kind,
            jobClass: jobClass,
            store: store.id,
            namespace: store.namespace,
            user: store.owner,
            traceparent: traceparent
        )
    }

    /// The one row that a function call answers.
    func one(_ sql: SQL) async throws -> PostgresRow {
        guard let row = try await retryingOnce({ try await pool.query(sql) }).first else {
            throw StoreRecordsError(code: .unreadableRow, message: "a function that answers one row answered none")
        }
        return row
    }

    /// A deadlock with a worker that settles the same store is run once more.
    private func retryingOnce(_ body: () async throws -> [PostgresRow]) async throws -> [PostgresRow] {
        do {
            return try await body()
        } catch let error as PostgresError where error.isRetryable && !error.isUnavailable {
            return try await body()
        }
    }
}
