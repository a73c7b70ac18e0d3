import HelmGuard
import Testing

@Suite struct GuardDeadlinesTests {
    private let second: UInt64 = 1_000_000_000

    private func deadlines(fedAt: UInt64) -> GuardDeadlines {
        GuardDeadlines(termMilliseconds: 7_000, killMilliseconds: 10_000, fedAt: fedAt)
    }

    @Test("silence leads to TERM, then to KILL, counted from when the last acknowledged renewal was sent") func silence() {
        var deadlines = deadlines(fedAt: 100 * second)
        #expect(deadlines.action(at: 106 * second) == .none)
        #expect(deadlines.action(at: 107 * second) == .term)
        #expect(deadlines.action(at: 110 * second) == .kill)
        deadlines.fed(105 * second)
        #expect(deadlines.action(at: 111 * second) == .none)
        #expect(deadlines.action(at: 112 * second) == .term)
        #expect(deadlines.action(at: 115 * second) == .kill)
    }

    @Test("late news never moves a deadline back") func late() {
        var deadlines = deadlines(fedAt: 100 * second)
        deadlines.fed(90 * second)
        #expect(deadlines.action(at: 106 * second) == .none)
    }

    @Test("the end of the feed is TERM at once and KILL 5 s later; no feeding takes it back") func end() {
        var deadlines = deadlines(fedAt: 100 * second)
        deadlines.end(at: 101 * second)
        #expect(deadlines.action(at: 101 * second) == .term)
        deadlines.fed(103 * second)
        #expect(deadlines.action(at: 105 * second) == .term)
        #expect(deadlines.action(at: 106 * second) == .kill)
    }

    @Test("an end that comes late leaves no more time than the last renewal gave") func lateEnd() {
        var deadlines = deadlines(fedAt: 100 * second)
        deadlines.end(at: 106 * second)
        #expect(deadlines.action(at: 109 * second) == .term)
        #expect(deadlines.action(at: 110 * second) == .kill)
    }

    @Test("the next deadline is the one that makes things worse") func next() {
        var deadlines = deadlines(fedAt: 100 * second)
        #expect(deadlines.next(after: 101 * second) == 107 * second)
        #expect(deadlines.next(after: 107 * second) == 110 * second)
        #expect(deadlines.next(after: 110 * second) == nil)
        deadlines.end(at: 101 * second)
        #expect(deadlines.next(after: 101 * second) == 106 * second)
    }

    @Test(
        "arguments that are not of the form are refused",
        arguments: [
            [], ["7000", "10000"], ["7000", "10000", "--"], ["10000", "7000", "--", "helm"], ["x", "1", "--", "helm"],
            ["1", "2", "helm", "install"],
        ]
    )
    func arguments(words: [String]) {
        #expect(HelmGuard(arguments: words) == nil)
    }
}
