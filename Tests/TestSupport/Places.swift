import Foundation
import Synchronization

/// A number of places that tasks take and give back; who finds none free waits, in the order in which they came.
package final class Places: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// For tests whose servers share the process' threads: Swift Testing begins all tests at once, and with hundreds of
    /// servers each waits so long that the product's own time limits pass on a slow machine.
    package static let servers = Places(max(4, 2 * ProcessInfo.processInfo.activeProcessorCount))

    private let state: Mutex<State>

    /// `count`: at least 1.
    package init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Runs `body` with a place. `body` must not ask for another one.
    package func with<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        await take()
        defer { giveBack() }
        return try await body()
    }

    private func take() async {
        await withCheckedContinuation { continuation in
            let hasPlace = state.withLock { state in
                if state.free == 0 {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if hasPlace { continuation.resume() }
        }
    }

    private func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
