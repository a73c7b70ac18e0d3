import Foundation
import Hummingbird
import JobDispatch
import Logging
import Postgres
import Sealing
import ServiceLifecycle
import StoreDomain
import StoreRecords
import StoreWorker
import TestSupport
import Testing

/// A worker that is told to end waits for nobody who does not answer.
@Suite(.timeLimit(.minutes(20))) struct EndingTests {
    private static let logger = Logger(label: "ending") { _ in SwiftLogNoOpLogHandler() }

    /// Something of a worker's, as a service.
    private struct Work: Service {
        let body: @Sendable () async throws -> Void

        func run() async throws { try await body() }
    }

    /// Runs the service until `begun` tells, and then tells it to end.
    private func end(_ service: some Service, once begun: AsyncStream<Void>) async throws {
        let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: Self.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in begun { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("a turn is cancelled in its middle, and that is no failure") func turn() async throws {
        try await withPool { pool in
            let (begun, begins) = AsyncStream.makeStream(of: Void.self)
            let turns = Turns(.purge, records: StoreRecords(pool: pool), worker: "w", every: .seconds(60), logger: Self.logger)
            try await end(
                Work {
                    await turns.take(failure: "It failed") {
                        begins.yield()
                        try await Task.sleep(for: .seconds(3_600))
                    }
                },
                once: begun
            )
        }
    }

    @Test("a vault that takes the question and never answers keeps nobody from ending") func vault() async throws {
        let ring = try KeyRing("a:" + Data(repeating: 7, count: 32).base64EncodedString(), setting: "VAULT_KEYS")
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        let router = Router()
        router.get("**") { _, _ -> Response in
            begins.yield()
            try await Task.sleep(for: .seconds(3_600))
            return Response(status: .noContent)
        }
        try await serving(router) { address in
            let vault = VaultClient(address: try #require(VaultAddress(address)), keys: ring)
            try await end(PlatformBackupReporter(vault: vault), once: begun)
        }
    }
}
