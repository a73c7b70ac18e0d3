import Synchronization
import Testing

@testable import ThreadedIO

@Suite struct BackoffTests {
    @Test("waits double up to the limit and end with a success") func doubling() throws {
        var backoff = Backoff(base: .milliseconds(100), limit: .milliseconds(400))
        let start = ContinuousClock.now
        #expect(backoff.wait(at: start) == nil)
        for whole in [100, 200, 400, 400, 400] {
            backoff.failed(at: start)
            let wait = try #require(backoff.wait(at: start))
            #expect(wait >= .milliseconds(whole) / 2)
            #expect(wait <= .milliseconds(whole))
        }
        backoff.succeeded()
        #expect(backoff.wait(at: start) == nil)
    }
}

private struct Refused: Error {}

private final class Connection: PooledConnection {
    private let open = Atomic(true)
    var isOpen: Bool { open.load(ordering: .relaxed) }
    var isReusable: Bool { isOpen }
    func prepareForReuse() async -> Bool { isOpen }
    func close() async { open.store(false, ordering: .relaxed) }
}

@Suite struct PoolTests {
    @Test("when opening fails, the next who waits tries in turn: nobody hangs", .timeLimit(.minutes(20))) func failingOpens() async {
        let pool = Pool<Connection>(limits: PoolLimits(size: 1)) { _ in throw Refused() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { await #expect(throws: Refused.self) { try await pool.withConnection { _ in } } }
            }
        }
        let gauges = await pool.gauges
        #expect(gauges == .init(idle: 0, lent: 0, waiting: 0))
    }

    @Test("a borrower that is cancelled while it waits leaves the queue") func cancelledWaiter() async throws {
        let pool = Pool<Connection>(limits: PoolLimits(size: 1)) { _ in Connection() }
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.withConnection { _ in } }
            waiter.cancel()
            await #expect(throws: PoolError.cancelled) { try await waiter.value }
        }
        #expect(await pool.gauges == .init(idle: 1, lent: 0, waiting: 0))
    }

    @Test("a broken connection is not lent again") func broken() async throws {
        let pool = Pool<Connection>(limits: PoolLimits(size: 1)) { _ in Connection() }
        let first = try await pool.withConnection { connection in
            await connection.close()
            return connection
        }
        let second = try await pool.withConnection { $0 }
        #expect(first !== second)
        #expect(second.isOpen)
    }

    @Test("a closed pool refuses, and fails who waits") func closing() async throws {
        let pool = Pool<Connection>(limits: PoolLimits(size: 1)) { _ in Connection() }
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.withConnection { _ in } }
            while await pool.gauges.waiting == 0 { await Task.yield() }
            await pool.close()
            await #expect(throws: PoolError.closed) { try await waiter.value }
        }
        await #expect(throws: PoolError.closed) { try await pool.withConnection { _ in } }
        #expect(await pool.gauges == .init(idle: 0, lent: 0, waiting: 0))
    }

    @Test("a connection that died while it was idle is replaced before it is lent") func diedIdle() async throws {
        let pool = Pool<Connection>(limits: PoolLimits(size: 1)) { _ in Connection() }
        let first = try await pool.withConnection { $0 }
        await first.close()
        #expect(try await pool.withConnection { $0.isOpen })
        #expect(await pool.gauges == .init(idle: 1, lent: 0, waiting: 0))
    }

    @Test("a connection is replaced at the end of its life, and closed when nobody wants it") func ages() async throws {
        let clock = Mutex(ContinuousClock.now)
        let pool = Pool<Connection>(
            limits: PoolLimits(size: 2, idleAge: .seconds(10), lifetime: .seconds(100)),
            now: { clock.withLock { $0 } },
            open: { _ in Connection() }
        )
        let (used, unused) = try await pool.withConnection { outer in try await pool.withConnection { inner in (outer, inner) } }
        // The last that came back is lent first: the other one lies idle.
        clock.withLock { $0 += .seconds(11) }
        #expect(try await pool.withConnection { $0 } === used)
        #expect(!unused.isOpen)
        #expect(used.isOpen)
        clock.withLock { $0 += .seconds(100) }
        #expect(try await pool.withConnection { $0 } !== used)
        #expect(!used.isOpen)
        #expect(await pool.gauges == .init(idle: 1, lent: 0, waiting: 0))
    }

    @Test("a borrower waits no longer than it said, nor longer than the pool allows", arguments: [nil, Duration.milliseconds(1)])
    func waiting(limit: Duration?) async throws {
        let pool = Pool<Connection>(limits: PoolLimits(size: 1, acquireTimeout: limit == nil ? .milliseconds(1) : .seconds(600))) { _ in
            Connection()
        }
        _ = try await pool.withConnection { _ in
            await #expect(throws: PoolError.timedOut) { try await pool.withConnection(waitingAtMost: limit) { _ in } }
        }
        #expect(await pool.gauges == .init(idle: 1, lent: 0, waiting: 0))
    }

    @Test("who cannot wait for the next attempt hears how the last one ended") func backingOff() async throws {
        let attempts = Atomic(0)
        // A clock that stands: on a slow machine the backoff would be over between the two.
        let now = ContinuousClock.now
        let pool = Pool<Connection>(limits: PoolLimits(size: 1), now: { now }) { _ in
            attempts.add(1, ordering: .relaxed)
            throw Refused()
        }
        await #expect(throws: Refused.self) { try await pool.withConnection { _ in } }
        await #expect(throws: Refused.self) { try await pool.withConnection(waitingAtMost: .microseconds(1)) { _ in } }
        #expect(attempts.load(ordering: .relaxed) == 1)
    }

    @Test("what is opened after the pool was closed is closed and not lent") func closedWhileOpening() async throws {
        let (opening, signal) = AsyncStream.makeStream(of: Void.self)
        let (gate, release) = AsyncStream.makeStream(of: Void.self)
        let connection = Connection()
        let pool = Pool<Connection>(limits: PoolLimits(size: 1)) { _ in
            signal.finish()
            for await _ in gate {}
            return connection
        }
        let borrower = Task { try await pool.withConnection { _ in } }
        for await _ in opening {}
        await pool.close()
        release.finish()
        await #expect(throws: PoolError.closed) { try await borrower.value }
        #expect(!connection.isOpen)
        #expect(await pool.gauges == .init(idle: 0, lent: 0, waiting: 0))
    }
}
