import struct Foundation.Date
import StoreDomain

/// `timestamptz` in text format with `TimeZone=UTC` and ISO dates: `2026-11-23 07:46:41.161212+00`.
enum PostgresTimestamp {
    /// `nil` for what is no time on the calendar, such as `infinity`.
    static func date(_ text: String) -> Date? {
        var bytes = text.utf8[...]
        func number(_ digits: Int) -> Int? {
            var value = 0
            guard bytes.count >= digits else { return nil }
            for _ in 0..<digits {
                guard let digit = bytes.popFirst(), (0x30...0x39).contains(digit) else { return nil }
                value = value * 10 + Int(digit - 0x30)
            }
            return value
        }
        func skip(_ character: UInt8) -> Bool { bytes.popFirst() == character }
        guard
            let year = number(4), skip(0x2d), let month = number(2), skip(0x2d), let day = number(2), skip(0x20),
            let hour = number(2), skip(0x3a), let minute = number(2), skip(0x3a), let second = number(2)
        else { return nil }
        var microseconds = 0
        if bytes.first == 0x2e {
            bytes.removeFirst()
            var weight = 100_000
            while let digit = bytes.first, (0x30...0x39).contains(digit) {
                microseconds += Int(digit - 0x30) * weight
                weight /= 10
                bytes.removeFirst()
            }
        }
        guard bytes.elementsEqual("+00".utf8), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let seconds = ((CivilDay(year: year, month: month, day: day).daysSince1970 * 24 + hour) * 60 + minute) * 60 + second
        return Date(timeIntervalSince1970: Double(seconds) + Double(microseconds) / 1_000_000)
    }

    static func text(_ date: Date) -> String {
        let microseconds = Int((date.timeIntervalSince1970 * 1_000_000).rounded())
        let (days, rest) = microseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000_000)
        let day = CivilDay(daysSince1970: days)
        func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let seconds = rest / 1_000_000
        return
            "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2)) \(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):"
            + "\(padded(seconds % 60, 2)).\(padded(rest % 1_000_000, 6))+00"
    }
}
