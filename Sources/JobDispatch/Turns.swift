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
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if try await records.hold(role, worker: worker, for: interval * hold) {
                    try await cancelWhenGracefulShutdown { try await turn() }
                }
            } catch  where Task.isShuttingDownGracefully {
                return
            } catch {
                logger.log(level: level, failure, metadata: ["error": "\(error)"])
            }
            await pause(for: interval)
        }
    }
}
