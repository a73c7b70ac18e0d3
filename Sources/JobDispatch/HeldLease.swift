package import StoreDomain
import Synchronization

/// The lease of one attempt, as its renewer knows it.
package final class HeldLease: Lease {
    private struct State {
        /// When the last acknowledged renewal was sent, by `BootClock`.
        var renewedAt: UInt64
        var end: String?
        var listeners: [AsyncStream<UInt64>.Continuation] = []
    }

    package let fence: Fence
    private let limit: UInt64
    private let state: Mutex<State>

    /// `validFor`: how long after an acknowledged renewal was sent the holder may still act (`LeaseTimes.term`).
    package init(fence: Fence, claimedAt: UInt64, validFor: Duration) {
        self.fence = fence
        limit =
            UInt64(max(0, validFor.components.seconds)) * 1_000_000_000 + UInt64(max(0, validFor.components.attoseconds / 1_000_000_000))
        state = Mutex(State(renewedAt: claimedAt))
    }

    package func renewals() -> AsyncStream<UInt64> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            state.withLock { state in
                continuation.yield(state.renewedAt)
                if state.end == nil { state.listeners.append(continuation) } else { continuation.finish() }
            }
        }
    }

    package func confirm() throws(LeaseLost) {
        let (renewedAt, end) = state.withLock { ($0.renewedAt, $0.end) }
        if FaultSwitch.fence.isOff { return }
        if let end { throw LeaseLost(reason: end) }
        guard BootClock.now < renewedAt + limit else { throw LeaseLost(reason: "no renewal was acknowledged in time") }
    }

    /// Whether the holder has to stop by its own clock.
    var hasLapsed: Bool {
        do { try confirm() } catch { return true }
        return false
    }

    /// Returns when the holder has to stop by its own clock, or when its task is cancelled.
    func untilLapsed() async {
        while true {
            let deadline = state.withLock { $0.renewedAt } + limit
            let now = BootClock.now
            guard now < deadline || FaultSwitch.fence.isOff else { return }
            do { try await Task.sleep(for: .nanoseconds(now < deadline ? Int64(deadline - now) : 1_000_000_000)) } catch { return }
        }
    }

    func renewed(sentAt: UInt64) {
        state.withLock { state in
            state.renewedAt = max(state.renewedAt, sentAt)
            for listener in state.listeners { listener.yield(state.renewedAt) }
        }
    }

    /// Given back or lost: whoever is fed by it stops.
    func end(_ reason: String) {
        state.withLock { state in
            guard state.end == nil else { return }
            state.end = reason
            for listener in state.listeners { listener.finish() }
            state.listeners = []
        }
    }
}
