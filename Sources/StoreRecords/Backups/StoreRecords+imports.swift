import Foundation
import Postgres
package import StoreDomain

package enum ImportBeginning: Sendable {
    case begun
    /// As many as may be were sent within 24 hours, or are being sent.
    case tooMany
    /// As many bytes.
    case tooMuch
}

/// Archives that people sent, for new stores to be made of.
extension StoreRecords {
    /// How many archives an owner may send within 24 hours.
    package static let importsPerDay = 20

    /// How many of them at a time.
    package static let importsAtOnce = 2

    /// Makes the row of an archive of so many bytes that is about to be sent. `limit`: how long one may be; twice that may be sent within 24 hours.
    package func beginImport(_ id: ArchiveID, owner: UserID?, bytes: Int64, limit: Int64) async throws -> ImportBeginning {
        let row = try await one(
            """
            SELECT begin_import(\(id.rawValue), \(owner?.rawValue), \(Self.importsPerDay), \(Self.importsAtOnce), \(bytes), \(limit)) AS outcome
            """
        )
        switch try row["outcome"] as String {
        case "begun": return .begun
        case "too_many": return .tooMany
        case "too_much": return .tooMuch
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "begin_import answered \(other)")
        }
    }

    /// It is still being sent: without that the row counts for ten minutes.
    package func renewImport(_ id: ArchiveID) async throws { _ = try await pool.query("SELECT renew_import(\(id.rawValue))") }

    /// The archive is in the vault. With a line in the audit. `nil`: its time is over, since nobody renewed it, and it goes from there.
    package func endImport(_ id: ArchiveID, bytes: Int64, _ manifest: ArchiveManifest, by actor: Operator) async throws -> Import? {
        try await pool.query(
            Self.audited(
                """
                UPDATE imports i SET bytes = \(bytes), engine = \(manifest.engine.rawValue), engine_version = \(manifest.engineVersion),
                    chart_version = \(manifest.chartVersion), admin_revision = \(manifest.adminRevision), host = \(manifest.host),
                    database_bytes = \(manifest.databaseBytes), file_bytes = \(manifest.fileBytes), products = \(manifest.products),
                    orders = \(manifest.orders), expires_at = clock_timestamp() + interval '24 hours'
                WHERE i.id = \(id.rawValue) AND i.bytes IS NULL AND i.expires_at > clock_timestamp() RETURNING 'done' AS outcome, \(ImportColumns.ofI)
                """,
                by: actor,
                "store.import",
                target: "\(id.rawValue)::text",
                accepted: ["done"]
            )
        ).first.map(Import.init(row:))
    }

    /// What was not sent as a whole goes with the next turn of who removes archives.
    package func giveUpImport(_ id: ArchiveID) async throws {
        _ = try await pool.query("UPDATE imports SET expires_at = clock_timestamp() WHERE id = \(id.rawValue) AND bytes IS NULL")
    }

    /// Of one that is there as a whole.
    package func archive(_ id: ArchiveID) async throws -> Import? {
        try await pool.query("SELECT \(ImportColumns.ofI) FROM imports i WHERE i.id = \(id.rawValue) AND i.bytes IS NOT NULL").first
            .map(Import.init(row:))
    }

    /// Newest first. `owner` nil: everybody's.
    package func imports(of owner: UserID?) async throws -> [Import] {
        try await pool.query(
            """
            SELECT \(ImportColumns.ofI) FROM imports i WHERE i.bytes IS NOT NULL AND i.expires_at > clock_timestamp()
              AND (\(owner?.rawValue)::text IS NULL OR i.owner = \(owner?.rawValue)) ORDER BY i.created_at DESC LIMIT 1000
            """
        ).map(Import.init(row:))
    }
}

enum ImportColumns {
    static let ofI = SQL(
        unsafe: [
            "id", "owner", "created_at", "expires_at", "bytes", "engine", "engine_version", "chart_version", "admin_revision", "host",
            "database_bytes", "file_bytes", "products", "orders",
        ].map { "i.\($0)" }.joined(separator: ", ")
    )
}

extension Import {
    init(row: PostgresRow) throws {
        self.init(
            id: try row["id"],
            owner: try row.known("owner"),
            createdAt: try row["created_at"],
            expiresAt: try row["expires_at"],
            bytes: try row["bytes"],
            manifest: ArchiveManifest(
                engine: try row["engine"],
                engineVersion: try row["engine_version"],
                chartVersion: try row["chart_version"],
                host: try row["host"],
                adminRevision: try row["admin_revision"],
                databaseBytes: try row["database_bytes"],
                fileBytes: try row["file_bytes"],
                products: try row["products"],
                orders: try row["orders"]
            )
        )
    }
}
