import Synchronization
import Testing

import ThreadedIO

@Suite struct GroupedCallsTests {
    private struct Refused: Error {}

    /// Calls that are let go one by one.
    private final class Recorder: Sendable {
        let calls = Mutex<[[Int]]>([])
        private let gate: AsyncStream<Void>
        let open: AsyncStream<Void>.Continuation

        init() { (gate, open) = AsyncStream.makeStream(of: Void.self) }

        func record(_ requests: [Int]) async -> [Int] {
            calls.withLock { $0.append(requests) }
            for await _ in gate { break }
            return requests.map { $0 * 10 }
        }
    }

    @Test("what is asked while a call is under way goes together, and everybody gets his own answer", .timeLimit(.minutes(20)))
    func together() async throws {
        let recorder = Recorder()
        let calls = CallBatcher<Int, Int>(atMost: 2) { await recorder.record($0) }
        async let first = calls(1)
        while recorder.calls.withLock({ $0.isEmpty }) { await Task.yield() }
        let others = (2...4).map { number in Task { try await calls(number) } }
        while calls.waiting < 3 { await Task.yield() }
        for _ in 0..<3 { recorder.open.yield() }
        #expect(try await first == 10)
        for (number, other) in zip(2..., others) { #expect(try await other.value == number * 10) }
        #expect(recorder.calls.withLock { $0.map(\.count) } == [1, 2, 1])
    }

    @Test("a group that fails by the fault of one is asked one by one", .timeLimit(.minutes(20))) func oneCallersFault() async throws {
        let recorder = Recorder()
        let calls = CallBatcher<Int, Int>(atMost: 9, isOneCallersFault: { $0 is Refused }) { requests in
            let answers = await recorder.record(requests)
            if requests.contains(3) { throw Refused() }
            return answers
        }
        async let first = calls(1)
        while recorder.calls.withLock({ $0.isEmpty }) { await Task.yield() }
        let others = (2...4).map { number in Task { try await calls(number) } }
        while calls.waiting < 3 { await Task.yield() }
        for _ in 0..<5 { recorder.open.yield() }
        #expect(try await first == 10)
        #expect(try await others[0].value == 20)
        await #expect(throws: Refused.self) { try await others[1].value }
        #expect(try await others[2].value == 40)
    }

    @Test("who waits can be taken out and answered by somebody else", .timeLimit(.minutes(20))) func takenOut() async throws {
        let recorder = Recorder()
        let calls = CallBatcher<Int, Int>(atMost: 9) { await recorder.record($0) }
        async let first = calls(1)
        while recorder.calls.withLock({ $0.isEmpty }) { await Task.yield() }
        async let second = calls(2)
        while calls.waiting < 1 { await Task.yield() }
        for caller in calls.takeWaiting() { caller.resume(with: .success(caller.request + 1)) }
        #expect(try await second == 3)
        recorder.open.yield()
        #expect(try await first == 10)
        #expect(recorder.calls.withLock { $0 } == [[1]])
    }
}
