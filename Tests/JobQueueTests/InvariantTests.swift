import JobQueue
import Redis
import StoreDomain
import Testing

/// Random commands in random order, stale ones among them; after each, the keys must agree with one another.
@Suite struct InvariantTests {
    @Test(
        "whatever is called in whatever order, every job is in one place, every lock has its job, and nothing is parked forever",
        arguments: 1...12 as ClosedRange<UInt64>
    )
    func anyOrder(seed: UInt64) async throws {
        try await withQueue { (queue, redis) async throws in
            var random = SeededGenerator(state: seed)
            var takings: [LeasedJob] = []
            for step in 0..<250 {
                let done = try await act(on: queue, redis: redis, takings: &takings, random: &random)
                let broken = try await redis.command(["EVAL", Self.check, "1", "sq:{test}:ready"]).array ?? []
                #expect(broken.isEmpty, "step \(step), \(done): \(broken)")
                if !broken.isEmpty { return }
            }
            for taking in takings { try await queue.finish(taking) }
            while let taking = try await queue.taken() { try await queue.finish(taking) }
            #expect(try await queue.depth() == QueueDepth())
            for pattern in ["job:*", "lock:*", "wait:*"] {
                #expect(try await redis.command(["KEYS", "sq:{test}:" + pattern]) == .array([]))
            }
        }
    }

    private func act(
        on queue: JobQueue,
        redis: RedisClient,
        takings: inout [LeasedJob],
        random: inout SeededGenerator
    ) async throws -> String {
        let number = Int64.random(in: 1...12, using: &random)
        let any = takings.randomElement(using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30:
            try await queue.enqueue([try job(number, random: &random)])
            return "enqueue \(number)"
        case 30..<60:
            let lapses = Bool.random(using: &random)
            let kinds = JobKind.allCases.filter { $0 != .apply || Bool.random(using: &random) }
            let limits = ClassLimits(interactive: 3, background: 2)
            if let job = try await queue.taken(limits, lease: lapses ? .zero : .seconds(600), kinds: kinds) { takings.append(job) }
            return "take \(kinds), \(lapses ? "lapsing" : "lasting")"
        case 60..<72:
            guard let any else { return "nothing" }
            return "renew \(any.descriptor.id): \(try await queue.renew(any, lease: .seconds(600)))"
        case 72..<84:
            guard let any else { return "nothing" }
            return "finish \(any.descriptor.id): \(try await queue.finish(any))"
        case 84..<92:
            guard let any else { return "nothing" }
            let requeued = Bool.random(using: &random) ? try job(number, random: &random) : nil
            return "hand back \(any.descriptor.id): \(try await queue.release(any, after: .zero, reason: "test", requeued: requeued))"
        case 92..<98:
            return "cancel \(number): \(try await queue.cancel(try #require(JobID(number)), reason: "test"))"
        default:
            try await redis.command(["FLUSHDB"])
            return "flush"
        }
    }

    /// Four namespaces and three users for twelve jobs; what is not a delete is of any class, and a change at times.
    private func job(_ number: Int64, random: inout SeededGenerator) throws -> JobDescriptor {
        let classes = [JobClass.interactive, .background]
        return try descriptor(
            number,
            number % 5 == 0 ? .delete : Bool.random(using: &random) ? .apply : .provision,
            number % 5 == 0 ? .delete : classes.randomElement(using: &random),
            user: "user\(number % 3)",
            namespace: "store-n\(number % 4)"
        )
    }

    /// Returns what is wrong.
    private static let check = """
        local base, broken = string.sub(KEYS[1], 1, -6), {}
        local function hold(truth, what) if not truth then broken[#broken + 1] = what end end
        local function rest(key, prefix) return string.sub(key, #(base .. prefix) + 1) end
        for _, key in ipairs(redis.call('KEYS', '*job:*')) do
            local id = rest(key, 'job:')
            local state, ns, kind, class = unpack(redis.call('HMGET', key, 'state', 'ns', 'kind', 'class'))
            local running = redis.call('ZSCORE', base .. 'running', id) ~= false
            local waits = {}
            for _, other in ipairs(redis.call('LRANGE', base .. 'wait:' .. ns, 0, -1)) do if other == id then waits[#waits + 1] = other end end
            hold((redis.call('ZSCORE', base .. 'ready', id) ~= false) == (state == 'ready'), id .. ': ready')
            hold((redis.call('ZSCORE', base .. 'delayed', id) ~= false) == (state == 'delayed'), id .. ': delayed')
            hold(running == (state == 'running'), id .. ': running')
            hold(#waits == (state == 'parked' and 1 or 0), id .. ': waits')
            hold((redis.call('GET', base .. 'lock:' .. ns) == id) == running, id .. ': lock')
            hold(state ~= 'parked' or redis.call('EXISTS', base .. 'lock:' .. ns) == 1, id .. ': parked behind nobody')
            for _, other in ipairs({ 'delete', 'interactive', 'background' }) do
                hold((redis.call('SISMEMBER', base .. 'running:' .. other, id) == 1) == (running and class == other), id .. ': running:' .. other)
            end
            for _, other in ipairs({ 'provision', 'delete', 'apply' }) do
                local apart = redis.call('ZSCORE', base .. 'apart:' .. other, id) ~= false
                hold(apart == (state == 'apart' and kind == other), id .. ': apart:' .. other)
                hold(not apart or redis.call('SISMEMBER', base .. 'apart', other) == 1, other .. ' is not known to be apart')
            end
        end
        for _, key in ipairs(redis.call('KEYS', '*lock:*')) do
            hold(redis.call('HGET', base .. 'job:' .. redis.call('GET', key), 'ns') == rest(key, 'lock:'), key .. ': of no job')
        end
        for _, set in ipairs({ 'ready', 'delayed', 'running', 'apart:apply' }) do
            for _, id in ipairs(redis.call('ZRANGE', base .. set, 0, -1)) do
                hold(redis.call('EXISTS', base .. 'job:' .. id) == 1, set .. ' has unknown ' .. id)
            end
        end
        for _, class in ipairs({ 'delete', 'interactive', 'background' }) do
            for _, id in ipairs(redis.call('SMEMBERS', base .. 'running:' .. class)) do
                hold(redis.call('EXISTS', base .. 'job:' .. id) == 1, class .. ' has unknown ' .. id)
            end
        end
        return broken
        """
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same commands for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
