import Synchronization

/// How many attempts may still begin in this process.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Waits until there is one. For one task at a time.
    func free() async -> Int {
        while true {
            let free = state.withLock { $0.free }
            if free > 0 { return free }
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    if state.free == 0 { state.waiter = continuation }
                    return state.free > 0
                }
                if isFree { continuation.resume() }
            }
        }
    }

    func occupy() { state.withLock { $0.free -= 1 } }

    func vacate() {
        let waiter = state.withLock { state in
            state.free += 1
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
