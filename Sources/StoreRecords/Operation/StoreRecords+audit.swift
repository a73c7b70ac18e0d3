package import Foundation
import Postgres
import StoreDomain

/// Who acts, by which way, and from where. There is none without a name, so no act without a line in the audit.
package struct Operator: Sendable, Equatable {
    package enum Source: String, Sendable {
        case api
        case storectl
        /// Of itself, by a schedule.
        case worker
    }

    /// 1 to 200 characters, in one line.
    package let name: String
    package let source: Source
    /// The client's, e.g. `192.0.2.7`.
    package let address: String?

    /// `name`: what cannot stand in a line of the audit as it is, is written as `\u{202E}`; one of which nothing is seen is `nobody`.
    package init(name: String, source: Source, address: String? = nil) {
        self.name = name.hasVisibleCharacter ? String(name.inOneLine.prefix(200)) : "nobody"
        self.source = source
        self.address = address
    }
}

/// One line of the audit.
package struct AuditEntry: Sendable, Equatable {
    package let id: Int64
    package let at: Date
    package let actor: String
    package let source: String
    /// E.g. `job.cancel`.
    package let action: String
    /// What it was done to: a job's number, a worker, a namespace.
    package let target: String?
    package let detail: String?
    package let address: String?
    package let outcome: AuditOutcome
}

package enum AuditOutcome: String, Sendable, CaseIterable {
    /// Written before the deed: what cannot be written down is not done.
    case done
    case refused
}

/// Which entries; what is `nil` is any.
package struct AuditQuery: Sendable, Equatable {
    package var actor: String?
    /// A whole word such as `job.cancel`, or its beginning, `job.`.
    package var action: String?
    package var target: String?
    package var outcome: AuditOutcome?
    package var since: Date?
    package var until: Date?
    /// Only entries older than this one.
    package var before: Int64?
    package var limit: Int

    package init(
        actor: String? = nil,
        action: String? = nil,
        target: String? = nil,
        outcome: AuditOutcome? = nil,
        since: Date? = nil,
        until: Date? = nil,
        before: Int64? = nil,
        limit: Int = 100
    ) {
        self.actor = actor
        self.action = action
        self.target = target
        self.outcome = outcome
        self.since = since
        self.until = until
        self.before = before
        self.limit = limit
    }
}

extension StoreRecords {
    /// Writes down what somebody is about to do, or was refused; the table is only appended to. What cannot be written down is not to
    /// be done.
    package func audit(
        _ actor: Operator,
        _ action: String,
        target: String? = nil,
        detail: String? = nil,
        outcome: AuditOutcome = .done
    ) async throws {
        _ = try await pool.query(
            """
            \(Self.line(of: actor, action, target: "\(target)", detail: "\(detail)", outcome: "\(outcome.rawValue)"))
            """
        )
    }

    /// A line as part of the statement that does what it tells, so both or neither. Expressions over the columns of what follows: `… FROM changed`.
    static func line(
        of actor: Operator,
        _ action: String,
        target: SQL,
        detail: SQL = "NULL",
        outcome: SQL = "'done'"
    ) -> SQL {
        """
        INSERT INTO audit (actor, source, action, target, detail, address, outcome)
        SELECT \(actor.name), \(actor.source.rawValue), \(action), \(target), \(detail), \(actor.address), \(outcome)
        """
    }

    /// Newest first.
    package func auditEntries(_ query: AuditQuery = AuditQuery()) async throws -> [AuditEntry] {
        try await pool.query(
            """
            SELECT id, at, actor, source, action, target, detail, address, outcome FROM audit
            WHERE (\(query.actor)::text IS NULL OR actor = \(query.actor)) AND (\(query.target)::text IS NULL OR target = \(query.target))
              AND (\(query.action)::text IS NULL OR action = \(query.action) OR (\(query.action) LIKE '%.' AND starts_with(action, \(query.action))))
              AND (\(query.outcome?.rawValue)::text IS NULL OR outcome = \(query.outcome?.rawValue))
              AND (\(query.since)::timestamptz IS NULL OR at >= \(query.since)) AND (\(query.until)::timestamptz IS NULL OR at < \(query.until))
              AND (\(query.before)::bigint IS NULL OR id < \(query.before))
            ORDER BY id DESC LIMIT \(query.limit)
            """
        ).map {
            AuditEntry(
                id: try $0["id"],
                at: try $0["at"],
                actor: try $0["actor"],
                source: try $0["source"],
                action: try $0["action"],
                target: try $0["target"],
                detail: try $0["detail"],
                address: try $0["address"],
                outcome: try $0["outcome"]
            )
        }
    }

    /// What `statement` accepts or refuses, with its line in the audit: one statement, so both or neither. The statement's column
    /// `outcome` tells; `accepted`: the words that are no refusals;
    /// `unnoted`: those that nothing came of, which have no line. `target`: an expression over the statement's columns. `detail`: of what
    /// is accepted, or `telling`, another such expression; else, and without both, that is the outcome.
    static func audited(
        _ statement: SQL,
        by actor: Operator,
        _ action: String,
        target: SQL,
        detail: String? = nil,
        telling: SQL? = nil,
        accepted: [String],
        unnoted: [String] = []
    ) -> SQL {
        let line = line(
            of: actor,
            action,
            target: target,
            detail: "coalesce(CASE WHEN r.outcome = ANY(\(accepted)) THEN \(telling ?? "\(detail)::text") END, r.outcome)",
            outcome: "CASE WHEN r.outcome = ANY(\(accepted)) THEN 'done' ELSE 'refused' END"
        )
        return """
            WITH r AS MATERIALIZED (\(statement)), noted AS (\(line) FROM r WHERE r.outcome <> ALL(\(unnoted)))
            SELECT * FROM r
            """
    }
}
