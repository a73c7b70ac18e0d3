import CoreMetrics
import Logging
import StoreRecords
import Synchronization

/// Finds the store of a host. What PostgreSQL said counts for one to two seconds, and who asks meanwhile waits for the same statement, so that a
/// flood costs one statement a second and host. At most `limit` hosts are asked for in a second; beyond that nothing is known of a host. Nobody waits
/// longer than `patience`, whatever PostgreSQL's client does meanwhile.
final class StoreLookup: Sendable {
    private struct State {
        var begun: ContinuousClock.Instant
        var recent: [RequestedHost: Task<GateAnswer, Never>] = [:]
        var older: [RequestedHost: Task<GateAnswer, Never>] = [:]
        var isAway = false
    }

    private let find: @Sendable (String) async throws -> HostedStore?
    private let logger: Logger
    private let limit: Int
    private let lifetime: Duration
    private let patience: Duration
    private let state = Mutex(State(begun: .now))

    /// `find`: the store of a host.
    init(
        logger: Logger,
        limit: Int = 2_000,
        lifetime: Duration = .seconds(1),
        patience: Duration = StoreGate.patience,
        find: @escaping @Sendable (String) async throws -> HostedStore?
    ) {
        self.find = find
        self.patience = patience
        self.logger = logger
        self.limit = limit
        self.lifetime = lifetime
    }

    func answer(for host: RequestedHost, at now: ContinuousClock.Instant = .now) async -> GateAnswer {
        let task = state.withLock { state -> Task<GateAnswer, Never>? in
            if now - state.begun >= lifetime {
                state.older = now - state.begun < lifetime * 2 ? state.recent : [:]
                state.recent = [:]
                state.begun = now
            }
            if let known = state.recent[host] ?? state.older[host] { return known }
            guard state.recent.count < limit else { return nil }
            let task = Task { await impatiently { [self] in await ask(for: host) } }
            state.recent[host] = task
            return task
        }
        return await task?.value ?? .undecided
    }

    /// What `body` returns, or `.undecided` where that takes too long; it goes on then without anybody who waits.
    private func impatiently(_ body: @escaping @Sendable () async -> GateAnswer) async -> GateAnswer {
        let (answers, source) = AsyncStream.makeStream(of: GateAnswer.self)
        Task { source.yield(await body()) }
        let timer = Task {
            try await Task.sleep(for: patience)
            source.yield(.undecided)
        }
        defer { timer.cancel() }
        for await answer in answers { return answer }
        return .undecided
    }

    private func ask(for host: RequestedHost) async -> GateAnswer {
        do {
            let answer = GateAnswer(try await find(host.text))
            note(nil)
            return answer
        } catch {
            note(error)
            return .undecided
        }
    }

    /// Logs what changed, not each failure.
    private func note(_ error: (any Error)?) {
        Counter(label: "storeweaver_gate_lookups_total", dimensions: [("outcome", error == nil ? "done" : "failed")]).increment()
        let isNew = state.withLock { state in
            defer { state.isAway = error != nil }
            return state.isAway != (error != nil)
        }
        guard isNew else { return }
        if let error {
            logger.warning("PostgreSQL does not answer; every host is told to come again", metadata: ["error": "\(error)"])
        } else {
            logger.notice("PostgreSQL answers again")
        }
    }
}
