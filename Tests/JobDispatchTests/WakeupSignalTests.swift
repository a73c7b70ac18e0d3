import JobDispatch
import Testing

@Suite(.timeLimit(.minutes(20))) struct WakeupSignalTests {
    private let inAnHour = ContinuousClock.now + .seconds(3_600)

    @Test("it still wakes after a wait that time ended") func afterTime() async {
        let wakeup = WakeupSignal()
        await wakeup.wait(until: .now + .milliseconds(1))
        wakeup.wake()
        await wakeup.wait(until: inAnHour)
        wakeup.wake()
        await wakeup.wait(until: inAnHour)
        #expect(ContinuousClock.now < inAnHour)
    }

    @Test("a wake that nobody waited for is kept") func kept() async {
        let wakeup = WakeupSignal()
        wakeup.wake()
        await wakeup.wait(until: inAnHour)
        #expect(ContinuousClock.now < inAnHour)
    }

    @Test("who waits is let go when its task is cancelled") func cancelled() async {
        let wakeup = WakeupSignal()
        let waiting = Task { [inAnHour] in await wakeup.wait(until: inAnHour) }
        waiting.cancel()
        await waiting.value
        #expect(ContinuousClock.now < inAnHour)
    }
}
