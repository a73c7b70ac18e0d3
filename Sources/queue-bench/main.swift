import Foundation
import JobDispatch
import JobQueue
import Logging
import Postgres
import Redis
import StoreDomain
import StoreRecords
import ThreadedIO

// One measurement of the queue, for scripts/bench: `queue-bench MEASUREMENT COUNT [SIZE]` prints a line of JSON.
// REDIS_URL and DATABASE_URL name private servers, whose contents it may spoil. Not part of any image.

ignoreBrokenPipes()
let arguments = CommandLine.arguments
let measurements = ["enqueue", "drain", "fill", "dispatch", "work", "pickup", "claim", "sweep"]
guard arguments.count >= 3, measurements.contains(arguments[1]), let count = Int(arguments[2]), count > 0 else {
    FileHandle.standardError.write(Data("usage: queue-bench \(measurements.joined(separator: "|")) COUNT [SIZE]\n".utf8))
    exit(2)
}
let size = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1
let environment = ProcessInfo.processInfo.environment

let redis = RedisClient(configuration: try RedisConfiguration(url: environment["REDIS_URL"] ?? "", clientName: "queue-bench"))
let queue = JobQueue(redis: redis)

switch arguments[1] {
case "enqueue": try await RedisMeasurements(queue: queue).enqueue(count, together: size)
case "drain": try await RedisMeasurements(queue: queue).drain(count, together: size)
case "pickup": try await RedisMeasurements(queue: queue).pickup(count)
case let measurement:
    let pool = PostgresPool(
        configuration: try PostgresConfiguration(url: environment["DATABASE_URL"] ?? "", applicationName: "queue-bench", poolSize: 4)
    )
    let whole = PlatformMeasurements(queue: queue, records: StoreRecords(pool: pool), pool: pool)
    switch measurement {
    case "fill": try await whole.fill(count)
    case "dispatch": try await whole.dispatch(count, slots: size)
    case "work": try await whole.work(slots: count)
    case "sweep": try await whole.sweep(count)
    default: try await whole.claim(count)
    }
    await pool.close()
}
await redis.close()
