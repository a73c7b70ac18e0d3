import ArgumentParser
import Configuration
import Foundation
import JobDispatch
import JobQueue
import Logging
import Program
import Redis
import StoreDomain
import StoreRecords

/// What every command may be told.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON instead of a table.")
    var json = false

    /// Says what was done: a sentence for people, the members with the sentence as `message` for programs.
    func say(_ sentence: String, _ members: (String, Value)...) {
        print(json ? Value.object(members + [("message", .text(sentence))]).json : sentence)
    }
}

/// Who gives an order; every one is written into the audit.
struct OperatorOptions: ParsableArguments {
    @Option(name: .customLong("operator"), help: "Your name in the audit (default: STORECTL_OPERATOR, else the user who is signed in).")
    var name: String?

    func actor() throws -> Operator {
        let environment = ProcessInfo.processInfo.environment
        let name = name ?? environment["STORECTL_OPERATOR"] ?? environment["SUDO_USER"] ?? environment["USER"] ?? NSUserName()
        guard UserID(name)?.isPresentable == true else {
            throw ValidationError("The operator's name must have 1 to 200 visible characters")
        }
        return Operator(name: name, source: .storectl)
    }
}

/// The servers of one installation, for the length of one command.
struct Session {
    let settings: ConfigReader
    let redis: RedisClient
    let records: StoreRecords
    let queue: JobQueue
    let operations: OperatorActions
    let logger: Logger

    /// Nothing is connected before it is used. Throws for settings that cannot be.
    init() throws {
        settings = try ConfigReader.program()
        logger = Logger(label: "storectl") { _ in SwiftLogNoOpLogHandler() }
        records = try StoreRecords(url: settings.databaseURL, program: "storectl", connections: 2)
        redis = RedisClient(configuration: try RedisConfiguration(url: settings.redisURL, clientName: "storectl", poolSize: 2))
        queue = JobQueue(redis: redis)
        operations = OperatorActions(records: records, queue: queue, jobs: JobEnqueuer(queue: queue, logger: logger))
    }

    static func run(_ body: (Session) async throws -> Void) async throws {
        let session = try Session()
        do {
            try await body(session)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    private func close() async {
        await redis.close()
        await records.close()
    }
}
