import Postgres
package import StoreDomain

package enum AddDomainOutcome: Sendable {
    case accepted(OwnDomain)
    /// The store has it.
    case repeated(OwnDomain)
    /// Another store has proved it.
    case taken
    case tooMany
    /// Of the owner.
    case tooManyPending
    /// The store is being deleted.
    case notReady
    case notFound
}

package enum ChangeDomainOutcome: Sendable {
    /// The job, where the cluster is to change.
    case accepted(Store, JobDescriptor?)
    case unchanged(Store)
    /// It is the store's address.
    case primary
    case notActive
    case notReady(Store)
    /// The store has no such domain.
    case noDomain
    case notFound
}

/// What their owners do with stores' own domains.
extension StoreRecords {
    package static let domainsPerStore = 10
    package static let pendingDomainsPerOwner = 20

    /// In the order in which they were added. `nil` for a store that is not there, is deleted, or is somebody else's.
    package func domains(of store: StoreID, visibleTo: StoreAccess?) async throws -> (store: Store, domains: [OwnDomain])? {
        guard let found = try await self.store(store, visibleTo: visibleTo) else { return nil }
        let rows = try await pool.query(
            "SELECT \(Self.domainColumns(of: "d")) FROM domains d WHERE d.store_id = \(store.rawValue) ORDER BY d.id"
        )
        return (found, try rows.map { try OwnDomain(row: $0) })
    }

    /// `takesOver`: also where another store has proved it.
    package func addDomain(
        _ host: DomainName,
        to store: StoreID,
        takesOver: Bool,
        visibleTo: StoreAccess?,
        by actor: Operator
    ) async throws -> AddDomainOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, \(Self.domainColumns(of: "(r.domain)"))
                FROM add_domain(
                    \(store.rawValue), \(visibleTo?.user.rawValue), \(host.rawValue), \(DomainToken.random().rawValue), \(takesOver),
                    \(Self.domainsPerStore), \(Self.pendingDomainsPerOwner)) r
                """,
                by: actor,
                "domain.add",
                target: "\(store.rawValue)::text",
                detail: host.rawValue,
                accepted: ["accepted"],
                unnoted: ["repeated"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted": return .accepted(try OwnDomain(row: row))
        case "repeated": return .repeated(try OwnDomain(row: row))
        case "taken": return .taken
        case "too_many": return .tooMany
        case "too_many_pending": return .tooManyPending
        case "not_ready": return .notReady
        case "not_found": return .notFound
        default: throw StoreRecordsError(code: .unreadableRow, message: "add_domain answered \(outcome)")
        }
    }

    package func removeDomain(
        _ host: DomainName,
        of store: StoreID,
        visibleTo: StoreAccess?,
        traceparent: String?,
        by actor: Operator
    ) async throws -> ChangeDomainOutcome {
        let call: SQL = "remove_domain(\(store.rawValue), \(visibleTo?.user.rawValue), \(host.rawValue), \(actor.name), \(traceparent))"
        return try await change(call, "domain.remove", host, of: store, traceparent: traceparent, by: actor)
    }

    /// Makes it the store's address; also the host of ours, to go back.
    package func choosePrimaryDomain(
        _ host: DomainName,
        of store: StoreID,
        visibleTo: StoreAccess?,
        traceparent: String?,
        by actor: Operator
    ) async throws -> ChangeDomainOutcome {
        let call: SQL =
            "choose_primary_domain(\(store.rawValue), \(visibleTo?.user.rawValue), \(host.rawValue), \(actor.name), \(traceparent))"
        return try await change(call, "domain.primary", host, of: store, traceparent: traceparent, by: actor)
    }

    /// It is looked at as soon as a worker can. `nil`: the store has no such domain.
    package func checkDomainNow(_ host: DomainName, of store: StoreID) async throws -> OwnDomain? {
        // Not more often than every few seconds, however often somebody asks.
        try await pool.query(
            """
            UPDATE domains d SET check_at = least(d.check_at, greatest(clock_timestamp(), d.checked_at + interval '2 seconds'))
            WHERE d.store_id = \(store.rawValue) AND d.host = \(host.rawValue) RETURNING \(Self.domainColumns(of: "d"))
            """
        ).first.map { try OwnDomain(row: $0) }
    }

    private func change(
        _ call: SQL,
        _ action: String,
        _ host: DomainName,
        of id: StoreID,
        traceparent: String?,
        by actor: Operator
    ) async throws -> ChangeDomainOutcome {
        let row = try await one(
            Self.audited(
                "SELECT r.outcome, r.accepted_job, r.accepted_kind, r.accepted_class, \(StoreColumn.columns(of: "(r.store)")) FROM \(call) r",
                by: actor,
                action,
                target: "\(id.rawValue)::text",
                detail: host.rawValue,
                accepted: ["accepted"],
                unnoted: ["unchanged"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            let job: Int64? = try row["accepted_job"]
            return .accepted(store, try job.map { _ in try changeDescriptor(row, of: store, traceparent: traceparent) })
        case "unchanged": return .unchanged(try Store(row: row))
        case "primary": return .primary
        case "not_active": return .notActive
        case "not_ready": return .notReady(try Store(row: row))
        case "no_domain": return .noDomain
        case "not_found": return .notFound
        default: throw StoreRecordsError(code: .unreadableRow, message: "\(action) answered \(outcome)")
        }
    }

    /// `source`: the table's alias or a composite value in parentheses.
    static func domainColumns(of source: StaticString) -> SQL {
        let columns = [
            "id", "store_id", "host", "token", "state", "is_primary", "created_at", "takes_over_at", "checked_at", "check_at",
            "failing_since",
            "certificate_until", "next_order_at", "error",
        ]
        return SQL(unsafe: columns.map { "\(source).\($0) AS domain_\($0)" }.joined(separator: ", "))
    }
}

extension OwnDomain {
    init(row: PostgresRow) throws {
        self.init(
            id: try row["domain_id"],
            store: try row["domain_store_id"],
            host: try row["domain_host"],
            token: try row["domain_token"],
            state: try row["domain_state"],
            isPrimary: try row["domain_is_primary"],
            createdAt: try row["domain_created_at"],
            takesOverAt: try row["domain_takes_over_at"],
            checkedAt: try row["domain_checked_at"],
            checkAt: try row["domain_check_at"],
            failingSince: try row["domain_failing_since"],
            certificateUntil: try row["domain_certificate_until"],
            nextOrderAt: try row["domain_next_order_at"],
            error: try row["domain_error"]
        )
    }
}
