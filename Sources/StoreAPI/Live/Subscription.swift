import NIOCore
import OrderedCollections
import StoreDomain
import Synchronization

/// What one connected client is still to be sent. A slow one gets fewer events, not older ones: of each store only the newest waits.
final class Subscription: Sendable {
    /// How many stores may wait before the client is told to read everything anew.
    static let backlog = 1_000

    private struct State {
        var frames: OrderedDictionary<StoreID, EventFrame> = [:]
        var wants = Wants()
        var isOver = false
    }

    /// What happened, for whoever reads the rows itself.
    struct Wants: OptionSet, Sendable {
        let rawValue: UInt8
        static let heartbeat = Wants(rawValue: 1)
        static let detail = Wants(rawValue: 2)
        static let log = Wants(rawValue: 4)
        /// Too much was missed.
        static let reset = Wants(rawValue: 8)
        static let tick = Wants(rawValue: 16)
    }

    /// Whose stores; `nil`: everybody's.
    let user: UserID?
    private let state = Mutex(State())
    private let wakeups: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    init(visibleTo user: UserID?) {
        self.user = user
        (wakeups, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// `replacing` false: what waits is newer.
    func offer(_ frame: EventFrame, of store: StoreID, replacing: Bool = true) {
        state.withLock { state in
            if !replacing, state.frames[store] != nil { return }
            guard state.frames.count < Self.backlog || state.frames[store] != nil else {
                state.frames = [:]
                state.wants.insert(.reset)
                return
            }
            state.frames[store] = frame
        }
        wakeup.yield()
    }

    func ask(for wants: Wants) {
        state.withLock { $0.wants.formUnion(wants) }
        wakeup.yield()
    }

    func end() {
        state.withLock { $0.isOver = true }
        wakeup.finish()
    }

    /// Calls `body` with what is due, again and again, until the subscription ends or its task is cancelled.
    func forEach(_ body: (Wants, [EventFrame]) async throws -> Void) async throws {
        for await _ in wakeups {
            let (wants, frames, isOver) = state.withLock { state in
                defer {
                    state.wants = []
                    state.frames = [:]
                }
                return (state.wants, Array(state.frames.values), state.isOver)
            }
            try await body(wants, frames)
            if isOver { return }
        }
    }
}
