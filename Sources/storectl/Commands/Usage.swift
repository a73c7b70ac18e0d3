import ArgumentParser
import Foundation
import StoreDomain
import StoreRecords

/// What stores were allotted, by month.
struct Usage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what stores were allotted, by month in UTC: hours of their plans, GiB-hours of volumes and backups.",
        discussion: "Counted is what a ready store had, to the second, and what is stored for it also when it is not ready or is deleted."
    )

    @OptionGroup var output: OutputOptions
    @Option(help: "The first month, e.g. 2026-10. Without it: this one.") var from: Month?
    @Option(help: "The last month. Without it: this one.") var to: Month?
    @Option(help: "Only this owner's stores.") var owner: UserID?
    @Flag(help: "A row for each store rather than for each owner.") var byStore = false
    @Flag(help: "Print CSV.") var csv = false

    private var query: UsageQuery {
        UsageQuery(from: (from ?? .current).span.start, to: (to ?? .current).span.end, owner: owner, isByStore: byStore)
    }

    func validate() throws {
        guard !(csv && output.json) else { throw ValidationError("--csv and --json exclude each other") }
        guard query.from < query.to else { throw ValidationError("--to must not be before --from") }
        guard query.to.timeIntervalSince(query.from) <= UsageQuery.longest else {
            throw ValidationError("--from and --to span at most 13 months")
        }
    }

    func run() async throws {
        try await Session.run { session in
            let rows = try await session.records.usage(query)
            if csv { return print(UsageSheet.text(rows), terminator: "") }
            Table.usage(byStore: byStore).show(rows, json: output.json, nothing: "Nothing was allotted.")
        }
    }

    /// A calendar month in UTC.
    struct Month: ExpressibleByArgument {
        let span: DateInterval

        static var current: Month { Month(span: UsageQuery.month(of: Date())) }

        private init(span: DateInterval) { self.span = span }

        init?(argument: String) {
            guard argument.wholeMatch(of: /\d{4}-\d{2}/) != nil, let start = try? Date("\(argument)-01T00:00:00Z", strategy: .iso8601)
            else {
                return nil
            }
            self.init(span: UsageQuery.month(of: start))
        }
    }
}

extension Table<MonthlyUsage> {
    static func usage(byStore: Bool) -> Self {
        func hours(_ kind: String, _ head: String, _ hours: @escaping (MonthlyUsage) -> [StorePlan: Decimal]) -> [Column] {
            StorePlan.allCases.map { plan in
                Column("\(kind)\(plan.rawValue.capitalized)", "\(head) \(plan.rawValue.uppercased())") { .decimal(hours($0)[plan] ?? 0) }
            }
        }
        return Table(
            columns: [.init("month", "MONTH") { .text($0.month) }, .init("owner", "OWNER") { Value($0.owner) }]
                + [
                    .init("store", byStore ? "STORE" : nil) { Value($0.store?.rawValue) },
                    .init("slug", byStore ? "SLUG" : nil) { Value($0.slug) },
                ]
                + hours("awakeHours", "AWAKE", \.awakeHours) + hours("asleepHours", "ASLEEP", \.asleepHours)
                + [
                    .init("volumeGiBHours", "VOLUMES GiB·h") { .decimal($0.volumeGiBHours) },
                    .init("backupGiBHours", "BACKUPS GiB·h") { .decimal($0.backupGiBHours) },
                ]
        )
    }
}
