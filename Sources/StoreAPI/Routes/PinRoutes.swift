import Foundation
import HTTPTypes
import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// Stores that rollouts are to leave alone for a while.
struct PinRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/stores/:id/pin", for: .changeStores, pin)
        table.on(.delete, "/api/stores/:id/pin", for: .changeStores, unpin)
    }

    @Sendable private func pin(_ request: Request, _ context: APIContext) async throws -> Response {
        let until = try await Self.until(JSONBody(request, "until"), now: Date())
        return try await set(until, "Rollouts leave the store alone until then, unless they are urgent", context)
    }

    @Sendable private func unpin(_ request: Request, _ context: APIContext) async throws -> Response {
        try await set(nil, "The store is not pinned", context)
    }

    private func set(_ until: Date?, _ message: String, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID,
            let store = try await records.pin(id, until: until, visibleTo: context.visibleTo, by: context.operator)
        else { throw APIError.storeNotFound }
        return .accepted(message, store, status: .ok)
    }

    private static func until(_ body: JSONBody, now: Date) throws -> Date {
        let days = StoreRecords.longestPin.components.seconds / 86_400
        guard let text = try body.text("until"), let until = try? Date(text, strategy: .iso8601), until > now,
            until <= now.addingTimeInterval(Double(StoreRecords.longestPin.components.seconds))
        else { throw APIError.wrong("until", "until must be a time within the next \(days) days, e.g. 2026-12-24T06:00:00Z") }
        return until
    }
}
