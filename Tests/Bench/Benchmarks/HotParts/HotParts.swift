import Benchmark
import Foundation
import JobQueue
import Postgres
import Redis
import StoreAPI
import StoreDomain
import StoreRecords

/// The parts of a request and of a job that run most, each by itself, for whoever changes one of them: `scripts/bench micro`.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        warmupIterations: 2,
        scalingFactor: .kilo,
        maxDuration: .seconds(3)
    )

    // One trip for a thousand times.
    Benchmark("a store from a row") { benchmark in
        try await withRows(1, benchmark) { rows, _ in for row in rows { blackHole(try Store(row)) } }
    }

    Benchmark("JSON of a row") { benchmark in
        try await withRows(1, benchmark) { blackHole(try StorePageJSON.write($0, next: $1)) }
    }

    Benchmark("JSON of a page of 50 rows") { benchmark in
        try await withRows(50, benchmark) { blackHole(try StorePageJSON.write($0, next: $1)) }
    }

    Benchmark("an array of 16 texts as a parameter") { benchmark in
        let texts = (0..<16).map { "store-of-somebody-\($0)" }
        for _ in benchmark.scaledIterations { blackHole(texts.postgresText) }
    }

    Benchmark("a store read, one trip after the other", configuration: .init(scalingFactor: .one)) { benchmark in
        guard let id = StoreID("a00000000007") else { return }
        try await withRecords { records in
            blackHole(try await records.store(id, visibleTo: nil))
            benchmark.startMeasurement()
            for _ in 0..<100 { blackHole(try await records.store(id, visibleTo: nil)) }
            benchmark.stopMeasurement()
        }
    }

    for together in [1, 100] {
        Benchmark("100 jobs enqueued, taken and finished, \(together) a trip", configuration: .init(scalingFactor: .one)) { benchmark in
            try await withQueue { queue in
                let descriptors = someTickets(100)
                benchmark.startMeasurement()
                for first in stride(from: 0, to: descriptors.count, by: together) {
                    _ = try await queue.enqueue(Array(descriptors[first..<first + together]))
                    let taken = try await queue.take(
                        worker: "bench",
                        limits: ClassLimits(interactive: 1_000),
                        lease: .seconds(10),
                        atMost: together
                    )
                    guard case .taken(let jobs) = taken, jobs.count == together else { return benchmark.error("\(taken)") }
                    _ = try await queue.finish(jobs.map { FinishedJob(job: $0) })
                }
                benchmark.stopMeasurement()
            }
        }
    }
}
