import DequeModule

/// Lends at most `limits.size` connections; who comes when all are lent waits in order.
///
/// Connections are opened when they are needed; lending does not depend on a running task. A connection that its server closed while
/// it was idle is noticed before it is lent, and replaced.
package actor Pool<Connection: PooledConnection> {
    /// How many connections are idle and lent, and how many borrowers wait.
    package struct Gauges: Sendable, Equatable {
        package var idle: Int
        package var lent: Int
        package var waiting: Int
    }

    private struct Member: Sendable {
        let connection: Connection
        let retirement: ContinuousClock.Instant
        var lastUse: ContinuousClock.Instant
    }

    /// What a waiter is woken with: a connection, or the leave to open one.
    private enum Grant {
        case member(Member)
        case place
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Result<Grant, PoolError>, Never>
    }

    private let limits: PoolLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let open: @Sendable (_ limit: Duration) async throws -> Connection
    /// The longest idle first; the last is lent first.
    private var idle: Deque<Member> = []
    private var lent = 0
    private var waiters: Deque<Waiter> = []
    private var lastWaiter: UInt64 = 0
    private var isClosed = false
    private var connecting = Backoff()
    private var lastFailure: (any Error)?

    /// `open` gets the time that it may take. `now` is the time for the ages of connections and for the backoff.
    package init(
        limits: PoolLimits,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        open: @escaping @Sendable (_ limit: Duration) async throws -> Connection
    ) {
        self.limits = limits
        self.now = now
        self.open = open
    }

    package var gauges: Gauges { Gauges(idle: idle.count, lent: lent, waiting: waiters.count) }

    /// Lends a connection to `body`. Throws `PoolError`, what opening threw, or what `body` threw.
    ///
    /// `limit`: for the wait, if it is to be shorter than the pool's own.
    package nonisolated func withConnection<Value: Sendable>(
        waitingAtMost limit: Duration? = nil,
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let member = try await borrow(within: min(limit ?? limits.acquireTimeout, limits.acquireTimeout))
        do {
            let value = try await body(member.connection)
            await returnPlace(member)
            return value
        } catch {
            await returnPlace(member)
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
        for member in closing { await member.connection.close() }
    }

    private func borrow(within limit: Duration) async throws -> Member {
        let end = ContinuousClock.now + limit
        switch try await grant(within: limit) {
        case .member(let member): return member
        case .place: return try await dial(until: end)
        }
    }

    private func grant(within limit: Duration) async throws(PoolError) -> Grant {
        guard !isClosed else { throw .closed }
        guard !Task.isCancelled else { throw .cancelled }
        guard limit > .zero else { throw .timedOut }
        if let member = idle.popLast() {
            lent += 1
            if member.connection.isReusable, now() < member.retirement { return .member(member) }
            await member.connection.close()
            return .place
        }
        if lent < limits.size {
            lent += 1
            return .place
        }
        return try await turn(within: limit)
    }

    private func turn(within limit: Duration) async throws(PoolError) -> Grant {
        lastWaiter += 1
        let id = lastWaiter
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

    private func dial(until end: ContinuousClock.Instant) async throws -> Member {
        do {
            if let wait = connecting.wait(at: now()) {
                // Who cannot wait for the next attempt is told how the last one ended.
                guard ContinuousClock.now + wait < end else { throw lastFailure ?? PoolError.timedOut }
                try await Task.sleep(for: wait)
            }
            let connection = try await attempt(until: end)
            guard !isClosed else {
                await connection.close()
                throw PoolError.closed
            }
            let lifetime = limits.lifetime * Double.random(in: 0.9...1)
            return Member(connection: connection, retirement: now() + lifetime, lastUse: now())
        } catch {
            lent -= 1
            // Without this, all waiters would hang when the server comes back.
            wakeNext(with: nil)
            throw error
        }
    }

    private func attempt(until end: ContinuousClock.Instant) async throws -> Connection {
        do {
            let connection = try await open(end - .now)
            connecting.succeeded()
            return connection
        } catch {
            // A borrower that went away says nothing about the server.
            if !Task.isCancelled {
                connecting.failed(at: now())
                lastFailure = error
            }
            throw error
        }
    }

    private nonisolated func returnPlace(_ member: Member) async {
        if member.connection.isReusable {
            await take(member, usable: true)
        } else {
            // Runs to its end even when the borrower was cancelled: a transaction left open must be rolled back.
            await Task { await take(member, usable: await member.connection.prepareForReuse()) }.value
        }
    }

    private func take(_ member: Member, usable: Bool) async {
        lent -= 1
        let now = now()
        guard usable, !isClosed, now < member.retirement else {
            wakeNext(with: nil)
            await member.connection.close()
            return
        }
        var member = member
        member.lastUse = now
        wakeNext(with: member)
        while let oldest = idle.first, oldest.lastUse + limits.idleAge <= now {
            idle.removeFirst()
            await oldest.connection.close()
        }
    }

    private func wakeNext(with member: Member?) {
        if let waiter = waiters.popFirst() {
            lent += 1
            waiter.continuation.resume(returning: .success(member.map(Grant.member) ?? .place))
        } else if let member {
            idle.append(member)
        }
    }
}
