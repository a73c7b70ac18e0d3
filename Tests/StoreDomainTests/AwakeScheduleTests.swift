import Foundation
import StoreDomain
import Testing

@Suite struct AwakeScheduleTests {
    private static func at(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test(
        "a schedule has one text",
        arguments: [
            ("Mo-Fr 08:00-20:00 Europe/Berlin", "Mo-Fr 08:00-20:00 Europe/Berlin"),
            ("Mo,Tu,We 08:00-20:00 UTC", "Mo-We 08:00-20:00 UTC"),
            ("Fr-Mo,Sa 08:00-20:00 UTC", "Mo,Fr-Su 08:00-20:00 UTC"),
            ("Su-Sa 00:00-00:00 UTC", nil),
            ("Su-Sa 00:00-24:00 Etc/UTC", "Mo-Su 00:00-24:00 Etc/UTC"),
            ("We,Mo 22:00-06:30 America/New_York", "Mo,We 22:00-06:30 America/New_York"),
            ("Sa 20:00-00:00 Asia/Kolkata", "Sa 20:00-24:00 Asia/Kolkata"),
            ("  Tu   09:05-09:06  America/Argentina/Buenos_Aires ", "Tu 09:05-09:06 America/Argentina/Buenos_Aires"),
        ]
    )
    func text(given: String, canonical: String?) {
        #expect(AwakeSchedule(given)?.description == canonical)
    }

    @Test("equal schedules are equal, and a schedule's own text is it again")
    func equality() throws {
        let schedule = try #require(AwakeSchedule("Sa,Su,Mo 20:00-00:00 Europe/Berlin"))
        #expect(schedule == AwakeSchedule("Sa-Mo 20:00-24:00 Europe/Berlin"))
        #expect(schedule == AwakeSchedule(schedule.description))
    }

    @Test(
        "nonsense is no schedule",
        arguments: [
            "", "Mo-Fr", "Mo-Fr 08:00-20:00", "08:00-20:00 UTC", "Mo-Fr 08:00-20:00 UTC UTC", "mo-fr 08:00-20:00 UTC",
            "Mo- 08:00-20:00 UTC",
            "Mo-Fr- 08:00-20:00 UTC", "Mo,,Fr 08:00-20:00 UTC", ", 08:00-20:00 UTC", "Xx 08:00-20:00 UTC", "Mo 08:00-08:00 UTC",
            "Mo 8:00-20:00 UTC",
            "Mo 08:00-24:01 UTC", "Mo 24:00-08:00 UTC", "Mo 08:60-20:00 UTC", "Mo 25:00-26:00 UTC", "Mo 08:00 UTC",
            "Mo 08:00-12:00-13:00 UTC",
            "Mo 08:00-2٠:00 UTC", "Mo 08:00-20:00 Europe/Nowhere", "Mo 08:00-20:00 europe/berlin", "Mo 08:00-20:00 CET",
            "Mo 08:00-20:00 GMT+2",
            "Mo 08:00-20:00 +02:00", "Mo 08:00-20:00 Europe/../Berlin", "Mo-Fr\n08:00-20:00 UTC",
            String(repeating: "Mo,", count: 100) + "Tu 08:00-20:00 UTC",
        ]
    )
    func nonsense(text: String) {
        #expect(AwakeSchedule(text) == nil)
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let schedule: String
        let from: String
        /// The changes after `from`, in UTC; awake from the first on where it is marked so.
        let changes: [String]
        let wakesFirst: Bool

        var testDescription: String { "\(schedule) from \(from)" }
    }

    static let changes = [
        // 26 November 2026 is a Thursday.
        Change(
            schedule: "Mo-Fr 08:00-20:00 Europe/Berlin",
            from: "2026-11-26T06:59:59Z",
            changes: [
                "2026-11-26T07:00:00Z", "2026-11-26T19:00:00Z", "2026-11-27T07:00:00Z", "2026-11-27T19:00:00Z", "2026-11-30T07:00:00Z",
            ],
            wakesFirst: true
        ),
        Change(
            schedule: "Mo,We 22:00-06:30 UTC",
            from: "2026-11-24T00:00:00Z",
            changes: ["2026-11-24T06:30:00Z", "2026-11-25T22:00:00Z", "2026-11-26T06:30:00Z", "2026-11-30T22:00:00Z"],
            wakesFirst: false
        ),
        // Days that touch at midnight are one span; Sunday's end is in the next week.
        Change(
            schedule: "Sa-Su 00:00-24:00 UTC",
            from: "2026-11-26T00:00:00Z",
            changes: ["2026-11-28T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-05T00:00:00Z"],
            wakesFirst: true
        ),
        Change(
            schedule: "Mo-Su 06:00-05:00 UTC",
            from: "2026-11-26T12:00:00Z",
            changes: ["2026-11-27T05:00:00Z", "2026-11-27T06:00:00Z", "2026-11-28T05:00:00Z"],
            wakesFirst: false
        ),
        Change(
            schedule: "Su 23:00-01:00 Pacific/Auckland",
            from: "2026-11-26T00:00:00Z",
            changes: ["2026-11-29T10:00:00Z", "2026-11-29T12:00:00Z", "2026-12-06T10:00:00Z"],
            wakesFirst: true
        ),
        // Europe/Berlin, 29 March 2026: at 02:00 the clocks show 03:00.
        Change(
            schedule: "Mo-Su 02:30-08:00 Europe/Berlin",
            from: "2026-03-28T12:00:00Z",
            changes: ["2026-03-29T01:00:00Z", "2026-03-29T06:00:00Z", "2026-03-30T00:30:00Z", "2026-03-30T06:00:00Z"],
            wakesFirst: true
        ),
        Change(
            schedule: "Mo-Su 20:00-02:30 Europe/Berlin",
            from: "2026-03-28T12:00:00Z",
            changes: ["2026-03-28T19:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T18:00:00Z", "2026-03-30T00:30:00Z"],
            wakesFirst: true
        ),
        // Hours that the day does not have.
        Change(
            schedule: "Su 02:10-02:50 Europe/Berlin",
            from: "2026-03-25T12:00:00Z",
            changes: ["2026-04-05T00:10:00Z", "2026-04-05T00:50:00Z"],
            wakesFirst: true
        ),
        // Its night ends when the next day's span begins.
        Change(
            schedule: "Mo-Su 03:00-02:30 Europe/Berlin",
            from: "2026-03-28T12:00:00Z",
            changes: ["2026-03-30T00:30:00Z", "2026-03-30T01:00:00Z"],
            wakesFirst: false
        ),
        // 25 October 2026: at 03:00 the clocks show 02:00.
        Change(
            schedule: "Mo-Su 02:30-08:00 Europe/Berlin",
            from: "2026-10-24T12:00:00Z",
            changes: ["2026-10-25T00:30:00Z", "2026-10-25T07:00:00Z", "2026-10-26T01:30:00Z"],
            wakesFirst: true
        ),
        Change(
            schedule: "Mo-Su 20:00-02:30 Europe/Berlin",
            from: "2026-10-24T12:00:00Z",
            changes: ["2026-10-24T18:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T19:00:00Z", "2026-10-26T01:30:00Z"],
            wakesFirst: true
        ),
        Change(
            schedule: "Su 02:10-02:50 Europe/Berlin",
            from: "2026-10-25T00:20:00Z",
            changes: ["2026-10-25T00:50:00Z", "2026-11-01T01:10:00Z"],
            wakesFirst: false
        ),
        // America/New_York, 8 March 2026 and 1 November 2026: at 02:00 the clocks show 03:00 and 01:00.
        Change(
            schedule: "Mo-Su 02:30-08:00 America/New_York",
            from: "2026-03-07T18:00:00Z",
            changes: ["2026-03-08T07:00:00Z", "2026-03-08T12:00:00Z", "2026-03-09T06:30:00Z"],
            wakesFirst: true
        ),
        Change(
            schedule: "Mo-Su 21:00-01:30 America/New_York",
            from: "2026-10-31T18:00:00Z",
            changes: ["2026-11-01T01:00:00Z", "2026-11-01T05:30:00Z", "2026-11-02T02:00:00Z", "2026-11-02T06:30:00Z"],
            wakesFirst: true
        ),
        // Africa/Cairo, 24 April 2026: the day begins at 01:00.
        Change(
            schedule: "Mo-Su 12:00-24:00 Africa/Cairo",
            from: "2026-04-23T12:00:00Z",
            changes: ["2026-04-23T22:00:00Z", "2026-04-24T09:00:00Z", "2026-04-24T21:00:00Z"],
            wakesFirst: false
        ),
    ]

    @Test("changes follow each other, each once, and between them the store is awake or asleep", arguments: changes)
    func follow(_ change: Change) throws {
        let schedule = try #require(AwakeSchedule(change.schedule))
        var moment = try Self.at(change.from)
        var wakes = change.wakesFirst
        for next in change.changes {
            #expect(schedule.isAwake(at: moment) == !wakes, "at \(moment)")
            let found = try #require(schedule.nextChange(after: moment))
            #expect(found == (try Self.at(next)))
            #expect(schedule.isAwake(at: found.addingTimeInterval(-1)) == !wakes && schedule.isAwake(at: found) == wakes)
            (moment, wakes) = (found, !wakes)
        }
    }

    @Test("over a year changes alternate, whatever the clocks do", arguments: ["Europe/Berlin", "America/New_York"])
    func alternate(zone: String) throws {
        for text in ["Mo-Su 02:30-01:15", "Sa,Su 23:30-02:30", "Su 02:00-03:00"] {
            let schedule = try #require(AwakeSchedule("\(text) \(zone)"))
            var moment = try Self.at("2026-01-01T00:00:00Z")
            let end = try Self.at("2027-01-01T00:00:00Z")
            while moment < end {
                let was = schedule.isAwake(at: moment)
                let next = try #require(schedule.nextChange(after: moment))
                #expect(next > moment && schedule.isAwake(at: next) != was, "\(schedule) at \(next)")
                moment = next
            }
        }
    }

    @Test("the whole week is awake for ever", arguments: ["Mo-Su 00:00-24:00 Europe/Berlin", "Mo,We-Tu 00:00-24:00 America/New_York"])
    func whole(text: String) throws {
        let schedule = try #require(AwakeSchedule(text))
        for moment in ["2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "2026-11-26T23:59:59Z"].map({ try? Self.at($0) }) {
            let moment = try #require(moment)
            #expect(schedule.isAlways && schedule.isAwake(at: moment) && schedule.nextChange(after: moment) == nil)
        }
    }
}
