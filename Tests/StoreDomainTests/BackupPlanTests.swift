import Foundation
import StoreDomain
import Testing

@Suite struct BackupPlanTests {
    private func at(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    private func backup(_ kind: BackupKind, _ day: String, status: BackupStatus = .done) throws -> Backup {
        Backup(id: .random(), store: .random(), kind: kind, status: status, createdAt: try at(day))
    }

    @Test("a window is two times of the day", arguments: ["01:00-05:00", "22:30-02:00", "00:00-23:59"])
    func window(_ text: String) throws { #expect(BackupWindow(text) != nil) }

    @Test(
        "anything else is no window",
        arguments: [
            "", "01:00", "1:00-5:00", "01:00-01:00", "24:00-05:00", "01:60-05:00", "01:00-05:00-06:00", "a-b", "+1:00-05:00",
            "01:00 - 05:00",
        ]
    )
    func noWindow(_ text: String) { #expect(BackupWindow(text) == nil) }

    @Test("a store's minute is in the window, the same every night, and not all stores'") func minute() throws {
        let window = try #require(BackupWindow("22:30-02:00"))
        let now = try at("2026-11-26T12:00:00Z")
        let (begin, end) = (try at("2026-11-26T22:30:00Z"), try at("2026-11-27T02:00:00Z"))
        var minutes = Set<Date>()
        for _ in 0..<200 {
            let store = StoreID.random()
            let first = window.next(after: now, for: store)
            #expect(first >= begin && first < end)
            #expect(window.next(after: first, for: store) == first + 86_400)
            #expect(window.next(after: first - 1, for: store) == first)
            minutes.insert(first)
        }
        #expect(minutes.count > 100)
    }

    @Test("past midnight the window of the evening before counts, too") func pastMidnight() throws {
        let window = try #require(BackupWindow("22:30-02:00"))
        let now = try at("2026-11-26T00:00:30Z")
        let nights = (0..<200).map { _ in window.next(after: now, for: .random()) }
        #expect(nights.contains { $0 < now + 7_200 } && nights.allSatisfy { $0 > now && $0 <= now + 86_400 })
    }

    @Test("a retention names days, weeks and months once each") func retention() {
        #expect(BackupRetention("7d,4w,6m") == .standard)
        #expect(BackupRetention("3d") == BackupRetention(days: 3, weeks: 0, months: 0))
        for wrong in ["", "7", "7x", "7d,7d", "0d", "-1d", "7d,", "1001d", "7 d"] { #expect(BackupRetention(wrong) == nil, "\(wrong)") }
    }

    @Test("plans may differ from what is kept of all; a plan that there is not is refused, and one that is named twice") func plans() {
        let kept = PlanRetention("7d,4w,6m small=3d large=14d,8w,12m")
        #expect(StorePlan.allCases.map { kept?[$0].text } == ["3d", "7d,4w,6m", "14d,8w,12m"])
        #expect(PlanRetention("2w") == PlanRetention(BackupRetention(days: 0, weeks: 2, months: 0)))
        for wrong in ["", "large=3d", "7d huge=3d", "7d large=3d large=4d", "7d large=", "7d large=0d", "7d large"] {
            #expect(PlanRetention(wrong) == nil, "\(wrong)")
        }
    }

    @Test("the newest of each day, week and month is kept, and no more of them than are asked for") func keeps() throws {
        let rule = BackupRetention(days: 2, weeks: 2, months: 2)
        // Thursday the 26th and so on; ISO weeks begin on Mondays.
        let days = [
            "2026-11-26T03:00:00Z", "2026-11-26T01:00:00Z", "2026-11-25T03:00:00Z", "2026-11-24T03:00:00Z", "2026-11-20T03:00:00Z",
            "2026-11-13T03:00:00Z", "2026-10-31T03:00:00Z", "2026-10-02T03:00:00Z", "2026-09-30T03:00:00Z",
        ]
        let backups = try days.map { try backup(.nightly, $0) }
        let expired = rule.expired(of: backups.shuffled(), now: try at("2026-11-26T12:00:00Z"))
        let kept = backups.filter { backup in !expired.contains { $0.id == backup.id } }.map(\.createdAt)
        #expect(kept == (try [days[0], days[2], days[4], days[6]].map(at)))
    }

    @Test("what somebody asked for and what came before a change is kept longer; what failed does not count; final ones are left alone")
    func kinds() throws {
        let rule = BackupRetention(days: 1, weeks: 0, months: 0)
        let backups = [
            try backup(.nightly, "2026-11-26T03:00:00Z"), try backup(.manual, "2026-09-01T03:00:00Z"),
            try backup(.manual, "2026-08-01T03:00:00Z"),
            try backup(.preChange, "2026-11-01T03:00:00Z"), try backup(.preChange, "2026-10-01T03:00:00Z"),
            try backup(.final, "2026-01-01T03:00:00Z"),
            try backup(.nightly, "2026-11-27T03:00:00Z", status: .failed),
        ]
        let expired = rule.expired(of: backups, now: try at("2026-11-26T12:00:00Z"))
        #expect(Set(expired.map(\.id)) == [backups[2].id, backups[4].id])
        #expect(rule.expired(of: [backups[2]], now: try at("2026-11-26T12:00:00Z")).isEmpty)
    }
}
