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

private actor Connection: PooledConnection {
    private(set) var isOpen = true
    func prepareForReuse() async -> Bool { isOpen }
    func close() async { isOpen = false }
}

@Suite struct PoolTests {
    @Test("when opening fails, the next who waits tries in turn: nobody hangs", .timeLimit(.minutes(1))) func failingOpens() async {
        let pool = Pool<Connection>(size: 1) { throw Refused() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { await #expect(throws: Refused.self) { try await pool.withConnection { _ in } } }
            }
        }
        let gauges = await pool.gauges
        #expect(gauges == .init(idle: 0, lent: 0, waiting: 0))
    }

    @Test("a borrower that is cancelled while it waits leaves the queue") func cancelledWaiter() async throws {
        let pool = Pool<Connection>(size: 1) { Connection() }
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.withConnection { _ in } }
            waiter.cancel()
            await #expect(throws: PoolError.cancelled) { try await waiter.value }
        }
        #expect(await pool.gauges == .init(idle: 1, lent: 0, waiting: 0))
    }

    @Test("a broken connection is not lent again") func broken() async throws {
        let pool = Pool<Connection>(size: 1) { Connection() }
        let first = try await pool.withConnection { connection in
            await connection.close()
            return connection
        }
        let second = try await pool.withConnection { $0 }
        #expect(first !== second)
        #expect(await second.isOpen)
    }

    @Test("a closed pool refuses, and fails who waits") func closing() async throws {
        let pool = Pool<Connection>(size: 1) { Connection() }
        try await pool.withConnection { _ in
            let waiter = Task { try await pool.withConnection { _ in } }
            while await pool.gauges.waiting == 0 { await Task.yield() }
            await pool.close()
            await #expect(throws: PoolError.closed) { try await waiter.value }
        }
        await #expect(throws: PoolError.closed) { try await pool.withConnection { _ in } }
        #expect(await pool.gauges == .init(idle: 0, lent: 0, waiting: 0))
    }
}
