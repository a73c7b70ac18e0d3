import Testing

@testable import HelmGuard

@Suite struct GuardFeedTests {
    private let words = Array("6 41\nvalues42\n43\n".utf8)

    @Test("the same is read however it is cut", arguments: 1...17) func cut(size: Int) throws {
        var feed = GuardFeed()
        var times: [UInt64] = []
        for begin in stride(from: 0, to: words.count, by: size) {
            times += try feed.take(words[begin..<min(begin + size, words.count)])
        }
        #expect(feed.start == GuardFeed.Start(payload: Array("values".utf8), fedAt: 41))
        #expect(times == [42, 43])
    }

    @Test("a renewal that is no time is refused") func renewal() throws {
        var feed = GuardFeed()
        _ = try feed.take(Array("0 1\n".utf8))
        #expect(throws: GuardFeed.Malformed.self) { try feed.take(Array("soon\n".utf8)) }
    }
}
