package import Foundation

/// The hours of the day in which stores are backed up by night, in UTC. Each store has a minute of its own, so that not all begin at once.
package struct BackupWindow: Sendable, Equatable {
    /// For people: what a text has to be.
    package static let form = "two times of the day in UTC, e.g. 01:00-05:00; it goes past midnight where the end is the earlier one"

    /// In minutes since midnight.
    package let start: Int
    /// In minutes: 1 to 1440.
    package let length: Int

    package static let standard = BackupWindow(start: 60, length: 240)

    private init(start: Int, length: Int) {
        self.start = start
        self.length = length
    }

    /// `nil` for what is no window, also for one of no length.
    package init?(_ text: String) {
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
        guard times.count == 2, let start = times[0], let end = times[1], start != end else { return nil }
        self.init(start: start, length: (end - start + 1_440) % 1_440)
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...23).contains(hour), (0...59).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    /// The store's next minute in the window, later than `date`.
    package func next(after date: Date, for store: StoreID) -> Date {
        let minute = start + Int((UInt64(store.rawValue, radix: 16) ?? 0) % UInt64(length))
        let midnight = (date.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400
        var next = Date(timeIntervalSince1970: midnight + Double(minute - 1_440) * 60)
        while next <= date { next += 86_400 }
        return next
    }
}
