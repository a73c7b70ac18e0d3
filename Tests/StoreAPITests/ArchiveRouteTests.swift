import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct ArchiveRouteTests {
    @Test("an archive of a newer chart than any of the installation makes no store") func newerVersion() async throws {
        try await withAPI { client, api in
            let world = try await BackupTests.World(client, api)
            let chart = ChartFacts(
                engine: .medusa,
                version: try #require(ChartVersion("1.2.0")),
                appVersion: "2",
                isCurrent: true,
                defaultPlan: .small,
                plans: [:],
                storage: .init(database: "5Gi", uploads: "5Gi")
            )
            let report = WorkerReport(worker: "w1", version: "1", slots: 2, busy: 0, kubernetes: true, helm: true, keepsBackups: true)
            try await world.records.report(report, charts: [chart])
            for (version, status) in [("1.3.0", 409), ("1.2.0", 202)] {
                let id = ArchiveID.random()
                try await api.execute(
                    """
                    INSERT INTO imports (id, owner, bytes, engine, chart_version, database_bytes, file_bytes, products, orders)
                    VALUES (\(id.rawValue), 'ada', 2048, 'medusa', \(version), 1, 0, 0, 0)
                    """
                )
                let body = #"{"name":"Copy","engine":"medusa","from":{"import":"\#(id)"}}"#
                let answer = try await world.send(.post, "/api/stores", body)
                #expect(answer.status.code == status, "\(String(buffer: answer.body))")
                if status == 409 { #expect(answer.object["code"] as? String == "newer-version") }
            }
        }
    }

    /// The port of a vault that has one archive, of which it sends pieces for as long as somebody takes them.
    private func withVault(tag: String, bytes: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let router = Router()
        router.get("/:archive/") { _, _ in
            Response(
                status: .ok,
                headers: [.eTag: tag],
                body: ResponseBody(contentLength: bytes) { writer in
                    let piece = ByteBuffer(repeating: 0, count: 1 << 20)
                    for _ in 0..<bytes >> 20 { try await writer.write(piece) }
                    try await writer.finish(nil)
                }
            )
        }
        let (ports, source) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in source.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "vault") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
        }
    }

    @Test("what a client fetched before it left is noted, so that it may go on from there") func left() async throws {
        let (hash, bytes) = (String(repeating: "0", count: 64), 256 << 20)
        try await withVault(tag: "\"\(hash)\"", bytes: bytes) { vault in
            let keys = "k1:" + Data(repeating: 3, count: 32).base64EncodedString()
            let environment = ["VAULT_URL": "http://127.0.0.1:\(vault)", "ARCHIVE_KEYS": keys]
            try await withAPI(environment, by: .live) { client, api in
                let world = try await BackupTests.World(client, api)
                let id = ArchiveID.random()
                try await api.execute(
                    """
                    INSERT INTO exports (id, store_id, backup_id, status, finished_at, bytes, sha256)
                    VALUES (\(id.rawValue), \(world.id.rawValue), \(BackupID.random().rawValue), 'done', now(), \(bytes), \(hash))
                    """
                )
                let export = try await world.send(.get, "\(world.change.path)/exports/\(id)").object["export"] as? [String: Any]
                let link = try #require(export?["link"] as? String)
                let port = try #require(client.port)
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port)
                {
                    channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
                try await channel.executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: "GET \(link) HTTP/1.1\r\nHost: a\r\n\r\n"))
                    var taken = 0
                    for try await part in inbound {
                        taken += part.readableBytes
                        if taken > 4 << 20 { break }
                    }
                }
                var fetched: Int64 = 0
                for _ in 0..<200 where fetched == 0 {
                    fetched = try await api.pool.query("SELECT fetched FROM export_links").first?["fetched"] ?? 0
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(fetched > 0 && fetched < bytes)
            }
        }
    }
}
