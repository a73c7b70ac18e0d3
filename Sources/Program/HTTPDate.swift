package import Foundation

/// A moment as HTTP's headers have it (RFC 9110, 5.6.7), to the second.
package enum HTTPDate {
    package static func text(_ date: Date) -> String { date.formatted(style) }

    /// `nil` for what is none, or is in one of the forms of old.
    package static func date(_ text: String) -> Date? { try? Date(text, strategy: style.parseStrategy) }

    private static var style: Date.VerbatimFormatStyle {
        Date.VerbatimFormatStyle(
            format: """
                \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) GMT
                """,
            locale: Locale(identifier: "en_US_POSIX"),
            timeZone: .gmt,
            calendar: Calendar(identifier: .gregorian)
        )
    }
}
