package import Foundation
import Postgres

/// Who acts by an operator's right, and by which way.
package struct Operator: Sendable, Equatable {
    package enum Source: String, Sendable {
        case api
        case storectl
    }

    /// 1 to 200 characters.
    package let name: String
    package let source: Source

    package init(name: String, source: Source) {
        self.name = name
        self.source = source
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
}

extension StoreRecords {
    /// Writes down what an operator is about to do; the table is only appended to. What cannot be written down is not to be done.
    package func audit(_ actor: Operator, _ action: String, target: String? = nil, detail: String? = nil) async throws {
        _ = try await pool.query(
            """
            INSERT INTO audit (actor, source, action, target, detail)
            VALUES (\(actor.name), \(actor.source.rawValue), \(action), \(target), \(detail))
            """
        )
    }

    /// The last entries, newest first.
    package func auditEntries(target: String? = nil, limit: Int = 100) async throws -> [AuditEntry] {
        try await pool.query(
            """
            SELECT id, at, actor, source, action, target, detail FROM audit
            WHERE \(target)::text IS NULL OR target = \(target) ORDER BY id DESC LIMIT \(limit)
            """
        ).map {
            AuditEntry(
                id: try $0["id"],
                at: try $0["at"],
                actor: try $0["actor"],
                source: try $0["source"],
                action: try $0["action"],
                target: try $0["target"],
                detail: try $0["detail"]
            )
        }
    }
}
