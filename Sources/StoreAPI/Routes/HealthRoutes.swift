import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobQueue
import StoreRecords

/// Whether the process lives, whether it may be sent requests, and how the platform is.
struct HealthRoutes: Sendable {
    let records: StoreRecords
    let queue: JobQueue

    func add(to table: inout RouteTable) {
        table.on(.get, "/livez", for: .open) { _, _ in .json { $0.field("status", "alive") } }
        table.on(.get, "/readyz", for: .open, ready)
        table.on(.get, "/api/health", for: .open, health)
    }

    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        guard try await records.schemaIsCurrent() else {
            throw APIError(.serviceUnavailable, "The database's schema is older than this program: run storectl migrate", retryAfter: 5)
        }
        return .json { $0.field("status", "ready") }
    }

    @Sendable private func health(_ request: Request, _ context: APIContext) async throws -> Response {
        async let database = succeeds { try await records.ping() }
        async let redis = succeeds { try await queue.ping() }
        let platform = try? await records.platformHealth()
        let checks: [(StaticString, Bool)] = [
            ("database", await database), ("redis", await redis), ("kubernetes", platform?.kubernetes ?? false),
            ("helm", platform?.helm ?? false),
        ]
        let healthy = checks.allSatisfy(\.1)
        return .json(status: healthy ? .ok : .serviceUnavailable) { json in
            json.field("status", healthy ? "healthy" : "unhealthy")
            json.field("timestamp", Date())
            json.object("checks") { json in for (name, passed) in checks { json.field(name, passed) } }
        }
    }

    private func succeeds(_ check: () async throws -> Void) async -> Bool {
        do { try await check() } catch { return false }
        return true
    }
}
