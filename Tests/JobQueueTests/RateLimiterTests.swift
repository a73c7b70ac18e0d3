import Testing

@testable import JobQueue

@Suite struct LocalAllowancesTests {
    private let minute = Duration.seconds(60)

    @Test("an allowance comes back evenly, and is taken of all or of none")
    func comesBack() {
        let counts = LocalAllowances()
        let ada = Allowance(name: "ada", requests: 2)
        let home = Allowance(name: "home", requests: 3)
        let start = ContinuousClock.now
        #expect(counts.spend([ada, home], at: start) == nil)
        #expect(counts.spend([ada, home], at: start) == nil)
        #expect(counts.spend([ada, home], at: start) == .seconds(30))
        #expect(counts.spend([home], at: start) == nil, "the refused one was not counted")
        #expect(counts.spend([home], at: start) == .seconds(20))
        #expect(counts.spend([ada, home], at: start + .seconds(30)) == nil)
    }

    @Test("does not grow without bound")
    func isBounded() {
        let counts = LocalAllowances(limit: 10)
        let start = ContinuousClock.now
        for number in 0..<100 { #expect(counts.spend([Allowance(name: "\(number)", requests: 1)], at: start) == nil) }
        #expect(counts.known <= 10)
    }
}
