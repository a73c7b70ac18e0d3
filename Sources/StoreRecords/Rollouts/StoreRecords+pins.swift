package import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// The longest time for which a store may be pinned.
    package static let longestPin = Duration.days(90)

    /// Lets rollouts leave a store alone until that moment, at most `longestPin` from now; `nil`: not any more. With its line in the audit.
    /// `visibleTo`: whose it has to be; `nil`: anybody's. `nil`: there is no such store.
    package func pin(_ store: StoreID, until: Date?, visibleTo: StoreAccess?, by actor: Operator) async throws -> Store? {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, \(StoreColumn.columns(of: "(r.store)"))
                FROM pin_store(\(store.rawValue), \(visibleTo?.user.rawValue), \(until)) r
                """,
                by: actor,
                until == nil ? "store.unpin" : "store.pin",
                target: "\(store.rawValue)::text",
                detail: until.map { "until \($0.formatted(.iso8601))" },
                accepted: ["pinned", "unpinned"]
            )
        )
        return try row["outcome"] == "not_found" ? nil : try Store(row: row)
    }

    /// How many pins ended, since their time has passed.
    @discardableResult package func endPins() async throws -> Int {
        try await one("SELECT end_pins() AS ended")["ended"]
    }
}
