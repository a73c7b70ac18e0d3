import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobQueue
import Redis
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
        async let ofDatabase = problem { try await records.ping() }
        async let ofRedis = problem { try await queue.probe() }
        let platform = try? await records.platformHealth()
        let (database, redis) = await (ofDatabase, ofRedis)
        let checks: [(StaticString, Bool)] = [
            ("database", database == nil), ("redis", redis == nil), ("kubernetes", platform?.kubernetes ?? false),
            ("helm", platform?.helm ?? false),
        ]
        let healthy = checks.allSatisfy(\.1)
        return .json(status: healthy ? .ok : .serviceUnavailable) { json in
            json.field("status", healthy ? "healthy" : "unhealthy")
            json.field("timestamp", Date())
            json.object("checks") { json in for (name, passed) in checks { json.field(name, passed) } }
            if database != nil || redis != nil {
                json.object("problems") { json in
                    if let database { json.field("database", database) }
                    if let redis { json.field("redis", redis) }
                }
            }
        }
    }

    /// What is wrong, in words that tell nothing of addresses and names; `nil`: nothing.
    private func problem(_ check: () async throws -> Void) async -> String? {
        do { try await check() } catch let error as RedisError {
            return error.problem ?? "Redis refuses what it is asked"
        } catch let error as any DatabaseError {
            return error.problem ?? "PostgreSQL refuses what it is asked"
        } catch { return "It cannot be asked" }
        return nil
    }
}
