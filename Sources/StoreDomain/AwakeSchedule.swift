package import Foundation

/// When a store is awake of itself: days of the week, one span of hours a day, and a time zone, e.g. `Mo-Fr 08:00-20:00 Europe/Berlin`. A
/// span whose end is earlier than its start ends on the next day.
package struct AwakeSchedule: Hashable, Sendable, LosslessStringConvertible {
    /// For people: what a text has to be.
    package static let form = """
        days, hours and a time zone, e.g. "Mo-Fr 08:00-20:00 Europe/Berlin": days are Mo Tu We Th Fr Sa Su, ranges of them (Fr-Mo) or both \
        separated by commas; hours are from 00:00 to 24:00 and go past midnight where the end is earlier than the start; the zone is a name \
        of IANA's, or UTC
        """

    package enum Day: Int, CaseIterable, Sendable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday

        var text: String { ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"][rawValue] }
    }

    private static let minutesOfDay = 24 * 60

    /// On which a span begins; not empty.
    package let days: Set<Day>
    /// In minutes since midnight: 0 to 1439.
    package let start: Int
    /// In minutes since the midnight before `start`, and at most a day after it; 1440 is the end of the day.
    package let end: Int
    package let zone: TimeZone

    /// `nil` for what is no schedule, also for one that names hours of no length.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard text.utf8.count <= 200, words.count == 3, let days = Self.days(words[0]), let zone = Self.zone(String(words[2])) else {
            return nil
        }
        let hours = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard hours.count == 2, let start = Self.minutes(hours[0]), let end = Self.minutes(hours[1]), start < Self.minutesOfDay,
            start != end
        else { return nil }
        self.days = days
        self.start = start
        self.end = end > start ? end : end + Self.minutesOfDay
        self.zone = zone
    }

    /// Whether it is awake at any time.
    package var isAlways: Bool { days.count == Day.allCases.count && end - start == Self.minutesOfDay }

    /// The same text for the same schedule.
    package var description: String {
        let last = end > Self.minutesOfDay ? end - Self.minutesOfDay : end
        // Foundation's name of UTC is GMT.
        let place = zone.identifier == "GMT" ? "UTC" : zone.identifier
        return "\(Self.text(of: days)) \(Self.time(start))-\(Self.time(last)) \(place)"
    }

    /// Days and ranges of days, separated by commas.
    private static func days(_ text: Substring) -> Set<Day>? {
        var days: Set<Day> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { word in Day.allCases.first { $0.text == word } }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
            let length = (last.rawValue - first.rawValue + 7) % 7
            days.formUnion((0...length).map { Day.allCases[(first.rawValue + $0) % 7] })
        }
        return days
    }

    private static func text(of days: Set<Day>) -> String {
        var runs: [(first: Day, last: Day)] = []
        for day in Day.allCases where days.contains(day) {
            if let run = runs.last, run.last.rawValue == day.rawValue - 1 {
                runs[runs.count - 1].last = day
            } else {
                runs.append((day, day))
            }
        }
        return runs.map { $0.first == $0.last ? $0.first.text : "\($0.first.text)-\($0.last.text)" }.joined(separator: ",")
    }

    /// `HH:MM` from 00:00 to 24:00.
    private static func minutes(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        let digits = [0, 1, 3, 4]
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), digits.allSatisfy({ (0x30...0x39).contains(bytes[$0]) }) else { return nil }
        let numbers = digits.map { Int(bytes[$0]) - 0x30 }
        let (hour, minute) = (numbers[0] * 10 + numbers[1], numbers[2] * 10 + numbers[3])
        guard minute < 60, hour * 60 + minute <= minutesOfDay else { return nil }
        return hour * 60 + minute
    }

    private static func time(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// UTC, or a name with a place; Foundation takes abbreviations and offsets beside them.
    private static func zone(_ name: String) -> TimeZone? {
        guard name == "UTC" || name.contains("/") else { return nil }
        let zone = TimeZone(identifier: name)
        return zone?.identifier == name || name == "UTC" ? zone : nil
    }
}
