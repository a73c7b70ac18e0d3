package import Foundation

extension AwakeSchedule {
    package func isAwake(at moment: Date) -> Bool {
        spans(around: moment).prefix { $0.start <= moment }.contains { moment < $0.end }
    }

    /// When it falls asleep or wakes next; `nil` where it never sleeps.
    package func nextChange(after moment: Date) -> Date? {
        guard !isAlways else { return nil }
        var awakeUntil = moment
        for span in spans(around: moment) where span.end > awakeUntil {
            // A span that begins where the one before it ends goes on with it.
            if span.start > awakeUntil { return awakeUntil > moment ? awakeUntil : span.start }
            awakeUntil = span.end
        }
        return awakeUntil
    }

    /// In their order, from the day before `moment` for so long that two weeks have their spans: one of them may be lost with a skipped
    /// hour. Where the clocks skip a time, it is the moment of the change; of an hour that comes twice, the first one counts.
    private func spans(around moment: Date) -> some Sequence<(start: Date, end: Date)> {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        // Noon is on every day once.
        let noon = calendar.date(bySettingHour: 12, minute: 0, second: 0, of: moment) ?? moment
        return (-1...15).lazy.compactMap { [calendar] offset in
            guard let day = calendar.date(byAdding: .day, value: offset, to: noon), days.contains(calendar.day(of: day)),
                let start = calendar.moment(start, of: day), let end = calendar.moment(end, of: day), start < end
            else { return nil }
            return (start, end)
        }
    }
}

extension Calendar {
    fileprivate func day(of date: Date) -> AwakeSchedule.Day {
        // Foundation counts from Sunday, from 1.
        AwakeSchedule.Day.allCases[(component(.weekday, from: date) + 5) % 7]
    }

    /// The moment at which the clocks show so many minutes after the midnight that begins the day; 24 hours or more are on the next day.
    fileprivate func moment(_ minutes: Int, of day: Date) -> Date? {
        let (days, minute) = minutes.quotientAndRemainder(dividingBy: 24 * 60)
        guard let day = date(byAdding: .day, value: days, to: day) else { return nil }
        return date(
            bySettingHour: minute / 60,
            minute: minute % 60,
            second: 0,
            of: startOfDay(for: day),
            matchingPolicy: .nextTime,
            repeatedTimePolicy: .first
        )
    }
}
