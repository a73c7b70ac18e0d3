import Foundation
import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// What was done for a store: by whom, the workers' attempts, their build logs, and how it fared.
struct AttemptRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores/:id/attempts", for: .readStores, list)
        table.on(.get, "/api/stores/:id/attempts/:attempt", for: .readStores, one)
        table.on(.get, "/api/stores/:id/log", for: .readStores, query: ["attempt", "after", "limit"], log)
        table.on(.get, "/api/stores/:id/health", for: .readStores, health)
        table.on(.get, "/api/stores/:id/use", for: .readStores, query: ["days"], use)
        table.on(.get, "/api/stores/:id/activity", for: .readStores, query: ["before", "limit"], activity)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, let attempts = try await records.attempts(of: id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return .json(capacity: 400 * (attempts.count + 1)) { json in
            json.array("attempts", attempts) { json, attempt in json.object { $0.fields(of: attempt) } }
        }
    }

    @Sendable private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, try await records.sees(id, context.visibleTo) else { throw APIError.storeNotFound }
        guard let number = context.parameters.get("attempt").flatMap({ Int64($0) }),
            let attempt = try await records.attempt(number, of: id, visibleTo: context.visibleTo)
        else { throw APIError(.notFound, "There is no such attempt") }
        return .json(capacity: 8_192) { json in
            json.object("attempt") {
                $0.fields(of: attempt)
                $0.field("evidence", json: attempt.evidence)
            }
        }
    }

    /// The lines after `after` (0), at most `limit` (500); of one attempt where `attempt` is given. `next` goes on from here.
    @Sendable private func log(_ request: Request, _ context: APIContext) async throws -> Response {
        let limit = try context.query.number("limit", in: 1...2_000) ?? 500
        let after = try context.query.number("after", in: 0...Int64.max) ?? 0
        let attempt = try context.query.number("attempt", in: 1...Int64.max)
        guard let id = context.storeID, try await records.sees(id, context.visibleTo) else { throw APIError.storeNotFound }
        let lines = try await records.buildLog(of: id, attempt: attempt, after: after, limit: limit)
        return .json(capacity: 200 * (lines.count + 1)) { json in
            json.array("lines", lines) { json, line in json.object { $0.fields(of: line) } }
            json.field("next", Int(lines.last?.id ?? after))
        }
    }

    @Sendable private func health(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, let history = try await records.healthHistory(of: id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return .json(capacity: 200 * (history.count + 1)) { json in
            json.array("history", history) { json, change in json.object { $0.fields(of: change) } }
        }
    }

    /// What the store used and how it answered by the hour, in the last `days` (8), today included.
    @Sendable private func use(_ request: Request, _ context: APIContext) async throws -> Response {
        let days = try context.query.number("days", in: 1...366) ?? 8
        guard let id = context.storeID, let use = try await records.use(of: id, days: days, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return .json(capacity: 600 * (use.days.count + 1)) { json in
            if let isMeasured = use.isMeasured { json.field("measured", isMeasured) }
            json.array("days", use.days) { json, day in
                json.object {
                    $0.field("day", day.day)
                    $0.field("cpuMillis", json: day.cpuMillis)
                    $0.field("memoryBytes", json: day.memoryBytes)
                    $0.field("responseMillis", json: day.responseMillis)
                }
            }
        }
    }

    /// What people and schedules did with the store, newest first, as the audit has it; without what was refused. Who is not named are
    /// operators, admins, and members of before.
    @Sendable private func activity(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, try await records.sees(id, context.visibleTo) else { throw APIError.storeNotFound }
        let query = AuditQuery(
            target: id.rawValue,
            outcome: .done,
            before: try context.query.number("before", in: 1...Int64.max),
            limit: try context.query.number("limit", in: 1...100) ?? 50
        )
        let entries = try await records.auditEntries(query)
        let seesNames = context.principal.map { $0.role >= .operator } ?? false
        let members = seesNames ? [] : try await records.members(of: id)
        let known = Set(members.flatMap { [$0.user.rawValue, $0.email?.rawValue ?? ""] } + [context.operator.name])
        return .json(capacity: 200 * (entries.count + 1)) { json in
            json.array("entries", entries) { json, entry in
                json.object {
                    $0.field("id", Int(entry.id))
                    $0.field("at", entry.at)
                    $0.field("actor", seesNames || known.contains(entry.actor) ? entry.actor.inOneLine : nil)
                    $0.field("source", entry.source)
                    $0.field("action", entry.action)
                    $0.field("detail", entry.detail?.inOneLine)
                }
            }
            if entries.count == query.limit, let last = entries.last { json.field("nextBefore", Int(last.id)) }
        }
    }
}
