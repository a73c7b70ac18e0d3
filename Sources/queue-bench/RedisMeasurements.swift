import Foundation
import JobQueue
import StoreDomain

/// The queue in Redis alone, without PostgreSQL's word on anything.
struct RedisMeasurements {
    let queue: JobQueue
    private static let everyone = ClassLimits(interactive: 1_000_000)
    private static let lease = Duration.seconds(60)

    /// Jobs of 1,000 users, each in a namespace of its own, numbered from `first`.
    static func descriptors(_ count: Int, from first: Int = 1) -> [JobDescriptor] {
        (first..<first + count).compactMap { number in
            guard let id = JobID(Int64(number)), let namespace = StoreNamespace("store-n\(number)") else { return nil }
            return JobDescriptor(id: id, kind: .provision, store: .random(), namespace: namespace, user: UserID("user\(number % 1_000)"))
        }
    }

    /// `together`: jobs in one call.
    func enqueue(_ count: Int, together: Int) async throws {
        let descriptors = Self.descriptors(count)
        let report = Report()
        for start in stride(from: 0, to: count, by: together) {
            _ = try await queue.enqueue(Array(descriptors[start..<min(start + together, count)]))
        }
        try report.end(count)
    }

    /// Takes and finishes what is queued, in one trip for up to `together` jobs.
    func drain(_ count: Int, together: Int) async throws {
        var finished: [FinishedJob] = []
        var done = 0
        let report = Report()
        while done < count {
            let outcome = try await queue.take(
                worker: "bench",
                limits: Self.everyone,
                lease: Self.lease,
                atMost: together,
                ending: finished
            )
            done += finished.count
            guard case .taken(let jobs) = outcome else {
                guard done >= count else { throw QueueError(message: "\(done) of \(count) jobs were there: \(outcome)") }
                break
            }
            finished = jobs.map { FinishedJob(job: $0) }
        }
        try report.end(count)
    }

    /// From before a job is enqueued until an idle worker has it in Redis.
    func pickup(_ count: Int) async throws {
        let wakeup = queue.wakeup()
        var times: [Duration] = []
        let report = Report()
        let (sent, sink) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
        let producer = Task { [queue] in
            for descriptor in Self.descriptors(count) {
                try await Task.sleep(for: .milliseconds(Int.random(in: 15...40)))
                sink.yield(.now)
                _ = try await queue.enqueue([descriptor])
            }
            sink.finish()
        }
        var finished: [FinishedJob] = []
        for await moment in sent {
            while true {
                let outcome = try await queue.take(worker: "bench", limits: Self.everyone, lease: Self.lease, ending: finished)
                finished = []
                if case .taken(let jobs) = outcome {
                    times.append(.now - moment)
                    finished = jobs.map { FinishedJob(job: $0) }
                    break
                }
                try await wakeup.wait(timeout: .seconds(2))
            }
        }
        try await producer.value
        await wakeup.close()
        try report.end(count, Report.percentiles(of: times))
    }
}
