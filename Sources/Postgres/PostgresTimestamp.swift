import struct Foundation.Date

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
        let seconds = ((daysSince1970(year: year, month: month, day: day) * 24 + hour) * 60 + minute) * 60 + second
        return Date(timeIntervalSince1970: Double(seconds) + Double(microseconds) / 1_000_000)
    }

    static func text(_ date: Date) -> String {
        let microseconds = Int((date.timeIntervalSince1970 * 1_000_000).rounded())
        let (days, rest) = microseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000_000)
        let (year, month, day) = civil(daysSince1970: days)
        func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let seconds = rest / 1_000_000
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2)) \(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):"
            + "\(padded(seconds % 60, 2)).\(padded(rest % 1_000_000, 6))+00"
    }

    /// Days of the proleptic Gregorian calendar, by H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

extension Int {
    func flooredQuotientAndRemainder(dividingBy divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
