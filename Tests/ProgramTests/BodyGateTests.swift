import Program
import Testing

@Suite struct BodyGateTests {
    @Test("nobody reads once it is shut, and who shuts it waits for who reads") func shut() async throws {
        let gate = BodyGate()
        try gate.enter()
        gate.leave()
        try gate.enter()
        let (ends, end) = AsyncStream.makeStream(of: String.self)
        let shutting = Task {
            await gate.shut()
            end.yield("shut")
            end.finish()
        }
        end.yield("read")
        gate.leave()
        await shutting.value
        #expect(await ends.reduce(into: []) { $0.append($1) } == ["read", "shut"])
        #expect(throws: CancellationError.self) { try gate.enter() }
        await gate.shut()
    }
}
