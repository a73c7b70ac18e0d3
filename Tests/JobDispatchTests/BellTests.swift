import JobDispatch
import Testing

@Suite(.timeLimit(.minutes(1))) struct BellTests {
    private let inAnHour = ContinuousClock.now + .seconds(3_600)

    @Test("it still wakes after a wait that time ended") func afterTime() async {
        let bell = Bell()
        await bell.wait(until: .now + .milliseconds(1))
        bell.ring()
        await bell.wait(until: inAnHour)
        bell.ring()
        await bell.wait(until: inAnHour)
        #expect(ContinuousClock.now < inAnHour)
    }

    @Test("a ring that nobody waited for is kept") func kept() async {
        let bell = Bell()
        bell.ring()
        await bell.wait(until: inAnHour)
        #expect(ContinuousClock.now < inAnHour)
    }

    @Test("who waits is let go when its task is cancelled") func cancelled() async {
        let bell = Bell()
        let waiting = Task { [inAnHour] in await bell.wait(until: inAnHour) }
        waiting.cancel()
        await waiting.value
        #expect(ContinuousClock.now < inAnHour)
    }
}
