package import Logging
import ServiceLifecycle
package import StoreRecords

/// Waits between two looks of a service: for that long, or until the program is to end.
package func pause(for time: Duration) async {
    await cancelWhenGracefulShutdown {
        do { try await Task.sleep(for: time) } catch { return }
    }
}

/// What one worker at a time does for all, once in each interval, until the program is to end: then a turn is cancelled in its middle, however
/// long it would wait for somebody. A turn that fails is told as `failure`, and the next one tries again.
package struct Turns: Sendable {
    private let role: LeaderRole
    private let records: StoreRecords
    private let worker: String
    private let interval: Duration
    /// For how many intervals this worker keeps the role: longer than a turn takes.
    private let hold: Int
    private let logger: Logger

    package init(_ role: LeaderRole, records: StoreRecords, worker: String, every interval: Duration, holding hold: Int = 3, logger: Logger)
    {
        self.role = role
        self.records = records
        self.worker = worker
        self.interval = interval
        self.hold = hold
        self.logger = logger
    }

    package func take(failure: Logger.Message, at level: Logger.Level = .warning, _ turn: @escaping @Sendable () async throws -> Void) async
    {
        await take(failure: failure, at: level) { _ in
            try await turn()
            return nil
        }
    }

    /// The same for a turn that says how long it is to the next one; `nil`: an interval. `isToldOnce`: of failures in a row the first is told.
    package func take(
        failure: Logger.Message,
        at level: Logger.Level = .warning,
        isToldOnce: Bool = false,
        whenFailed: () -> Void = {},
        _ turn: @escaping @Sendable (Turn) async throws -> Duration?
    ) async {
        var (isFirst, isFailing) = (true, false)
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            var wait: Duration?
            do {
                let held = Turn(until: .now + interval * hold, isFirst: isFirst)
                isFirst = try await !records.hold(role, worker: worker, for: interval * hold)
                if !isFirst { wait = try await cancelWhenGracefulShutdown { try await turn(held) } }
                isFailing = false
            } catch  where Task.isShuttingDownGracefully {
                return
            } catch {
                whenFailed()
                if !isToldOnce || !isFailing { logger.log(level: level, failure, metadata: ["error": "\(error)"]) }
                (isFirst, isFailing) = (true, true)
            }
            await pause(for: wait ?? interval)
        }
        // Where it cannot be said, the next worker waits until the role lapses.
        try? await records.release(role, holder: worker)
    }
}

/// One turn of a worker that has a role.
package struct Turn: Sendable {
    /// Until then no other worker has it.
    package let until: ContinuousClock.Instant
    /// No turn of this worker's that succeeded is the one before.
    package let isFirst: Bool
}
