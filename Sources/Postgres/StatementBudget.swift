import Synchronization

/// How long the statements of one task may still take altogether, its child tasks' among them.
final class StatementBudget: Sendable {
    @TaskLocal static var current: StatementBudget?
    private let left: Mutex<Duration>

    init(_ time: Duration) { left = Mutex(time) }

    var remaining: Duration { left.withLock { $0 } }

    func spend(_ time: Duration) { left.withLock { $0 -= time } }
}
