import Synchronization

/// Lets one reader at a time at a request's body, until it is shut. Whoever passes a body on to another server has its reader in the client's task,
/// which may still wait for the next piece when the other server has answered early. The web server then reads the rest itself, and a body that
/// two read at once ends the process.
package final class BodyGate: Sendable {
    private struct State {
        var isReading = false
        var isShut = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Before each reading. Throws `CancellationError` once it is shut.
    package func enter() throws(CancellationError) {
        let isOpen = state.withLock { state in
            state.isReading = !state.isShut
            return state.isReading
        }
        guard isOpen else { throw CancellationError() }
    }

    /// After each reading.
    package func leave() {
        let waiter = state.withLock { state in
            state.isReading = false
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Before the answer: from then on nobody reads. Waits for the piece that somebody waits for, or for the end of its connection.
    package func shut() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isShut = true
                if state.isReading { state.waiter = continuation }
                return !state.isReading
            }
            if isIdle { continuation.resume() }
        }
    }
}
