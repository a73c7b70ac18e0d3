package import Foundation
import Postgres
package import StoreDomain

/// What an owner's stores, or one store, were allotted within a month, or the part of it that was asked for.
package struct MonthlyUsage: Sendable, Equatable {
    /// In UTC, e.g. `2026-11`.
    package let month: String
    /// As in the stores' rows.
    package let owner: String?
    /// `nil`: all stores of the owner together.
    package let store: StoreID?
    /// The store's namespace without `store-`, as it was last in the month.
    package let slug: String?
    /// Hours in which a store of that plan ran; none stands for 0.
    package let awakeHours: [StorePlan: Decimal]
    /// Hours in which it slept.
    package let asleepHours: [StorePlan: Decimal]
    /// Of both volumes, awake or not.
    package let volumeGiBHours: Decimal
    /// Of the repository of its backups, also after the store was deleted.
    package let backupGiBHours: Decimal

    package init(
        month: String,
        owner: String?,
        store: StoreID? = nil,
        slug: String? = nil,
        awakeHours: [StorePlan: Decimal],
        asleepHours: [StorePlan: Decimal],
        volumeGiBHours: Decimal,
        backupGiBHours: Decimal
    ) {
        self.month = month
        self.owner = owner
        self.store = store
        self.slug = slug
        self.awakeHours = awakeHours
        self.asleepHours = asleepHours
        self.volumeGiBHours = volumeGiBHours
        self.backupGiBHours = backupGiBHours
    }
}

/// Which usage.
package struct UsageQuery: Sendable, Equatable {
    /// The longest span that is read at once.
    package static let longest: TimeInterval = 400 * 86_400

    /// The calendar month in UTC that has the moment in it.
    package static func month(of moment: Date) -> DateInterval {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.dateInterval(of: .month, for: moment) ?? DateInterval(start: moment, duration: 0)
    }

    package var from: Date
    /// Not included. What is later than now is left out.
    package var to: Date
    /// `nil`: everybody's.
    package var owner: UserID?
    /// A row for each store rather than for each owner.
    package var isByStore: Bool

    package init(from: Date, to: Date, owner: UserID?, isByStore: Bool = false) {
        self.from = from
        self.to = to
        self.owner = owner
        self.isByStore = isByStore
    }
}

extension StoreRecords {
    /// By month, then by owner and store.
    package func usage(_ query: UsageQuery) async throws -> [MonthlyUsage] {
        try await pool.query(
            """
            SELECT month, owner, store_id, slug,
                   \(Self.hours("awake")), \(Self.hours("asleep")), round(volumes, 4)::text AS volumes, round(backups, 4)::text AS backups
              FROM usage_by_month(\(query.from), \(query.to), \(query.owner?.rawValue), \(query.isByStore))
            """
        ).map { row in
            let store: String? = try row["store_id"]
            func decimal(_ column: String) throws -> Decimal {
                guard let text: String = try row[column], let number = Decimal(string: text), number >= 0 else {
                    throw StoreRecordsError(code: .unreadableRow, message: "the usage of \(store ?? "a month") has an unreadable \(column)")
                }
                return number
            }
            func hours(_ kind: String) throws -> [StorePlan: Decimal] {
                var hours: [StorePlan: Decimal] = [:]
                for plan in StorePlan.allCases {
                    let number = try decimal("\(kind)_\(plan.rawValue)")
                    if number > 0 { hours[plan] = number }
                }
                return hours
            }
            return MonthlyUsage(
                month: try row["month"],
                owner: try row["owner"],
                store: store.flatMap { StoreID($0) },
                slug: try row["slug"],
                awakeHours: try hours("awake"),
                asleepHours: try hours("asleep"),
                volumeGiBHours: try decimal("volumes"),
                backupGiBHours: try decimal("backups")
            )
        }
    }

    private static func hours(_ kind: String) -> SQL {
        let columns = StorePlan.allCases.map { "\(kind)_\($0.rawValue)" }
        return SQL(unsafe: columns.map { "round(\($0), 4)::text AS \($0)" }.joined(separator: ", "))
    }
}
