import NIOCore
import StoreDomain
import Testing

@testable import StoreAPI

@Suite struct SubscriptionTests {
    private func frame(_ text: String) -> EventFrame { EventFrame("store", id: nil) { $0.field("is", text) } }

    /// What one turn hands out.
    private func turn(_ subscription: Subscription) async throws -> (Subscription.Wants, [String]) {
        var result: (Subscription.Wants, [String]) = ([], [])
        subscription.end()
        try await subscription.forEach { wants, frames in
            result.0.formUnion(wants)
            result.1 += frames.map { String(buffer: $0.bytes) }
        }
        return result
    }

    @Test("of each store only the newest state waits, in the order in which the stores first changed") func newest() async throws {
        let subscription = Subscription(visibleTo: nil)
        let (first, second) = (StoreID.random(), StoreID.random())
        subscription.offer(frame("old"), of: first)
        subscription.offer(frame("other"), of: second)
        subscription.offer(frame("new"), of: first)
        let (wants, frames) = try await turn(subscription)
        #expect(wants.isEmpty)
        #expect(frames == ["event: store\ndata: {\"is\":\"new\"}\n\n", "event: store\ndata: {\"is\":\"other\"}\n\n"])
    }

    @Test("what was read earlier does not replace what waits") func notReplacing() async throws {
        let subscription = Subscription(visibleTo: nil)
        let store = StoreID.random()
        subscription.offer(frame("new"), of: store)
        subscription.offer(frame("old"), of: store, replacing: false)
        #expect(try await turn(subscription).1.joined().contains("new"))
    }

    @Test("a client that lags behind by more stores than it may is told to read everything anew") func reset() async throws {
        let subscription = Subscription(visibleTo: nil)
        for _ in 0..<Subscription.backlog { subscription.offer(frame("x"), of: StoreID.random()) }
        subscription.offer(frame("one too many"), of: StoreID.random())
        let (wants, frames) = try await turn(subscription)
        #expect(wants == .reset && frames.isEmpty)
    }

    @Test("wishes add up until they are met") func wishes() async throws {
        let subscription = Subscription(visibleTo: nil)
        subscription.ask(for: .log)
        subscription.ask(for: [.heartbeat, .detail])
        #expect(try await turn(subscription).0 == [.log, .heartbeat, .detail])
    }

    @Test("an event has no line break within its data, whatever it holds") func oneLine() {
        let text = String(buffer: EventFrame("store", id: "7") { $0.field("name", "a\nb\r\u{2028}c") }.bytes)
        #expect(text.hasPrefix("event: store\nid: 7\ndata: {"))
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 5)
        #expect(!text.contains("\r"))
    }
}
