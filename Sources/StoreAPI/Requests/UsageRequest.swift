import Foundation
import StoreDomain
import StoreRecords

/// The query of `GET /api/usage`.
enum UsageRequest {
    static let parameters = ["from", "to", "by", "scope"]

    /// Without `from` and `to`: this month so far, in UTC. Throws `APIError`.
    static func query(_ parameters: Query, owner: UserID?, now: Date) throws -> UsageQuery {
        let form = "a day such as 2026-11-01, a month such as 2026-11, or a time such as 2026-11-01T12:00:00Z"
        let from = try parameters.value("from", form, moment) ?? UsageQuery.month(of: now).start
        let to = try parameters.value("to", form, moment) ?? now
        guard from <= to else { throw APIError.wrong("to", "to must not be before from") }
        guard to.timeIntervalSince(from) <= UsageQuery.longest else {
            throw APIError.wrong("from", "from and to must not be more than 400 days apart")
        }
        let isByStore = try parameters.value("by", "owner or store") { ["owner": false, "store": true][$0] } ?? false
        return UsageQuery(from: from, to: to, owner: owner, isByStore: isByStore)
    }

    /// The beginning of a day or a month in UTC, or a time.
    private static func moment(_ text: String) -> Date? {
        let day = text.wholeMatch(of: /(\d{4}-\d{2})(-\d{2})?/).map { "\($0.1)\($0.2 ?? "-01")T00:00:00Z" }
        return try? Date(day ?? text, strategy: .iso8601)
    }
}
