import Postgres
package import StoreDomain

extension StoreRecords {
    /// Checks the quotas, makes the store and its provision job: one transaction, with its line in the audit where `actor` is told.
    package func create(_ request: NewStore, limits: StoreLimits, by actor: Operator? = nil) async throws -> CreateOutcome {
        let id = StoreID.random()
        let suffixed = StoreNamespace.suffixed(for: request.name, id: id)
        let preferred = StoreNamespace.preferred(for: request.name)
        let namespace = request.reservedSlugs.contains(preferred.slug) ? suffixed : preferred
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, r.used, q.stores AS user_limit, \(storeColumns(of: "(r.store)"))
                FROM (SELECT store_quota(\(request.owner?.rawValue), \(request.role.rawValue), \(limits.perUser)) AS stores) q,
                LATERAL create_store(
                    \(id.rawValue), \(request.name.rawValue), \(request.engine.rawValue), \(request.owner?.rawValue),
                    \(namespace.rawValue), \(suffixed.rawValue), \(limits.total), q.stores,
                    \(request.idempotency?.key), \(request.idempotency?.bodyDigest), \(request.traceparent)) r
                """,
                by: actor,
                "store.create",
                target: "coalesce(r.id, \(request.name.rawValue))",
                accepted: ["accepted", "repeated"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try ticket(row, kind: .provision, of: store, traceparent: request.traceparent))
        case "repeated":
            return .repeated(try Store(row: row))
        case "key_reused":
            return .keyReused
        case "total_limit":
            return .totalLimitReached(limit: limits.total)
        case "user_limit":
            return .userLimitReached(used: try row["used"], limit: try row["user_limit"])
        default:
            throw StoreRecordsError(code: .unreadableRow, message: "create_store answered \(outcome)")
        }
    }

    /// Queues again what failed. `visibleTo` nil: whoever owns it.
    package func retry(_ id: StoreID, visibleTo: UserID?, traceparent: String?, by actor: Operator? = nil) async throws -> RetryOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, r.accepted_kind, \(storeColumns(of: "(r.store)"))
                FROM retry_store(\(id.rawValue), \(visibleTo?.rawValue), \(traceparent)) r
                """,
                by: actor,
                "store.retry",
                target: "\(id.rawValue)::text",
                accepted: ["accepted"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            guard let kind = JobKind(rawValue: try row["accepted_kind"]) else {
                throw StoreRecordsError(code: .unreadableRow, message: "retry_store made a job of an unknown kind")
            }
            return .accepted(store, try ticket(row, kind: kind, of: store, traceparent: traceparent))
        case "not_failed":
            return .notFailed
        case "not_found":
            return .notFound
        default:
            throw StoreRecordsError(code: .unreadableRow, message: "retry_store answered \(outcome)")
        }
    }

    /// Cancels what waits or runs for the store and queues its deletion.
    package func delete(_ id: StoreID, visibleTo: UserID?, traceparent: String?, by actor: Operator? = nil) async throws -> DeleteOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, array_to_string(r.stopped, ',') AS stopped, \(storeColumns(of: "(r.store)"))
                FROM delete_store(\(id.rawValue), \(visibleTo?.rawValue), \(traceparent)) r
                """,
                by: actor,
                "store.delete",
                target: "\(id.rawValue)::text",
                accepted: ["accepted", "already_deleting"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            let stopped: String? = try row["stopped"]
            let cancelling = (stopped ?? "").split(separator: ",").compactMap { JobID(String($0)) }
            return .accepted(store, try ticket(row, kind: .delete, of: store, traceparent: traceparent), cancelling: cancelling)
        case "already_deleting":
            return .alreadyDeleting(try Store(row: row))
        case "not_found":
            return .notFound
        default:
            throw StoreRecordsError(code: .unreadableRow, message: "delete_store answered \(outcome)")
        }
    }

    private func ticket(_ row: PostgresRow, kind: JobKind, of store: Store, traceparent: String?) throws -> JobTicket {
        let number: Int64 = try row["accepted_job"]
        guard let id = JobID(number) else { throw StoreRecordsError(code: .unreadableRow, message: "job \(number) is no job's number") }
        return JobTicket(
            id: id,
            kind: kind,
            store: store.id,
            namespace: store.namespace,
            user: store.owner,
            traceparent: traceparent
        )
    }

    /// The one row that a function call answers. A deadlock with a worker that settles the same store is run once more.
    func one(_ sql: SQL) async throws -> PostgresRow {
        do {
            return try await first(sql)
        } catch let error as PostgresError where error.isRetryable && !error.isUnavailable {
            return try await first(sql)
        }
    }

    private func first(_ sql: SQL) async throws -> PostgresRow {
        guard let row = try await pool.query(sql).first else {
            throw StoreRecordsError(code: .unreadableRow, message: "a function that answers one row answered none")
        }
        return row
    }
}
