import DequeModule

/// What a pool lends.
package protocol PooledConnection: Sendable {
    /// Whether the next borrower may have it. Called when it comes back; puts it in order first (ROLLBACK).
    func prepareForReuse() async -> Bool
    func close() async
}

/// Why a pool did not lend.
package enum PoolError: Error, Sendable, Equatable {
    case timedOut
    case cancelled
    case closed
}

/// Lends at most `size` connections; who comes when all are lent waits in order.
///
/// Connections are opened when they are needed; lending does not depend on a running task.
package actor Pool<Connection: PooledConnection> {
    /// How many connections are idle and lent, and how many borrowers wait.
    package struct Gauges: Sendable, Equatable {
        package var idle: Int
        package var lent: Int
        package var waiting: Int
    }

    /// What a waiter is woken with: a connection, or the leave to open one.
    private enum Grant {
        case connection(Connection)
        case place
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Result<Grant, PoolError>, Never>
    }

    private let size: Int
    private let acquireTimeout: Duration
    private let open: @Sendable () async throws -> Connection
    private var idle: [Connection] = []
    private var lent = 0
    private var waiters: Deque<Waiter> = []
    private var lastWaiter: UInt64 = 0
    private var isClosed = false
    private var dialling = Backoff()

    package init(size: Int, acquireTimeout: Duration = .seconds(5), open: @escaping @Sendable () async throws -> Connection) {
        self.size = size
        self.acquireTimeout = acquireTimeout
        self.open = open
    }

    package var gauges: Gauges { Gauges(idle: idle.count, lent: lent, waiting: waiters.count) }

    /// Lends a connection to `body`. Throws `PoolError`, what opening threw, or what `body` threw.
    package nonisolated func withConnection<Value: Sendable>(_ body: (Connection) async throws -> Value) async throws -> Value {
        let connection = try await borrow()
        do {
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Refuses new borrowers, fails those who wait, closes what is idle now and what is lent when it comes back.
    package func close() async {
        isClosed = true
        let closing = idle
        idle = []
        for waiter in waiters { waiter.continuation.resume(returning: .failure(.closed)) }
        waiters = []
        for connection in closing { await connection.close() }
    }

    private func borrow() async throws -> Connection {
        switch try await grant() {
        case .connection(let connection): return connection
        case .place: return try await dial()
        }
    }

    private func grant() async throws(PoolError) -> Grant {
        guard !isClosed else { throw .closed }
        guard !Task.isCancelled else { throw .cancelled }
        if let connection = idle.popLast() {
            lent += 1
            return .connection(connection)
        }
        if lent < size {
            lent += 1
            return .place
        }
        lastWaiter += 1
        let id = lastWaiter
        let limit = acquireTimeout
        let timer = Task { [weak self] in
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { await self?.abandon(id, because: .timedOut) }
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: Result<Grant, PoolError>.failure(.cancelled))
                } else {
                    waiters.append(Waiter(id: id, continuation: continuation))
                }
            }
        } onCancel: {
            // The handler is not on the actor. If the grant came first, the borrower gives it back.
            Task { await self.abandon(id, because: .cancelled) }
        }
        return try result.get()
    }

    private func abandon(_ id: UInt64, because error: PoolError) {
        guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: place).continuation.resume(returning: .failure(error))
    }

    private func dial() async throws -> Connection {
        do {
            if let wait = dialling.wait() { try await Task.sleep(for: wait) }
            let connection = try await open()
            dialling.succeeded()
            return connection
        } catch {
            dialling.failed()
            lent -= 1
            // Without this, all waiters would hang when the server comes back.
            wakeNext(with: nil)
            throw error
        }
    }

    /// Runs to its end even when the borrower was cancelled: a transaction left open must be rolled back.
    private nonisolated func giveBack(_ connection: Connection) async {
        await Task { await take(connection, usable: await connection.prepareForReuse()) }.value
    }

    private func take(_ connection: Connection, usable: Bool) async {
        lent -= 1
        guard usable, !isClosed else {
            wakeNext(with: nil)
            await connection.close()
            return
        }
        wakeNext(with: connection)
    }

    private func wakeNext(with connection: Connection?) {
        if let waiter = waiters.popFirst() {
            lent += 1
            waiter.continuation.resume(returning: .success(connection.map(Grant.connection) ?? .place))
        } else if let connection {
            idle.append(connection)
        }
    }
}
