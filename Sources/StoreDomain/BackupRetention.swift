package import Foundation

/// Which of a store's backups are kept: the newest of so many days, weeks and months that have one.
package struct BackupRetention: Sendable, Equatable {
    /// For people: what a text has to be.
    package static let form = "how many days, weeks and months are kept, e.g. 7d,4w,6m"

    package let days: Int
    package let weeks: Int
    package let months: Int

    package static let standard = BackupRetention(days: 7, weeks: 4, months: 6)
    /// What somebody asked for is kept as long, and what was taken before a change; in days.
    package static let manualDays = 90
    package static let preChangeDays = 30

    package init(days: Int, weeks: Int, months: Int) {
        self.days = days
        self.weeks = weeks
        self.months = months
    }

    /// `nil` for what is no retention, also for one that keeps nothing.
    package init?(_ text: String) {
        var counts: [Character: Int] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let unit = part.last, "dwm".contains(unit), counts[unit] == nil, let count = Int(part.dropLast()),
                (0...1_000).contains(count)
            else {
                return nil
            }
            counts[unit] = count
        }
        self.init(days: counts["d"] ?? 0, weeks: counts["w"] ?? 0, months: counts["m"] ?? 0)
        guard days + weeks + months > 0 else { return nil }
    }

    /// As it may be written, without what is 0.
    package var text: String {
        [(days, "d"), (weeks, "w"), (months, "m")].filter { $0.0 > 0 }.map { "\($0)\($1)" }.joined(separator: ",")
    }

    /// Those of one store that nothing asks to keep, of which the newest is never one. Only what is done counts; final backups are kept as their
    /// store is.
    package func expired(of backups: [Backup], now: Date) -> [Backup] {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = .gmt
        let done = backups.filter { $0.status == .done && $0.kind != .final }.sorted { $0.createdAt > $1.createdAt }
        var kept = Set(done.prefix(1).map(\.id))
        let rules: [(count: Int, fields: Set<Calendar.Component>)] = [
            (days, [.year, .month, .day]), (weeks, [.yearForWeekOfYear, .weekOfYear]), (months, [.year, .month]),
        ]
        for (count, fields) in rules {
            var periods = Set<DateComponents>()
            for backup in done where periods.insert(calendar.dateComponents(fields, from: backup.createdAt)).inserted {
                guard periods.count <= count else { break }
                kept.insert(backup.id)
            }
        }
        func isYoung(_ backup: Backup) -> Bool {
            let days =
                switch backup.kind {
                case .manual: Self.manualDays
                case .preChange: Self.preChangeDays
                case .nightly, .final: 0
                }
            return now.timeIntervalSince(backup.createdAt) < Double(days) * 86_400
        }
        return done.filter { !kept.contains($0.id) && !isYoung($0) }
    }
}
