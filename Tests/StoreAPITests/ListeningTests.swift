import Hummingbird
import JobDispatch
import JobQueue
import Logging
import NIOCore
import NIOPosix
import Postgres
import Redis
import ServiceLifecycle
import StoreRecords
import Testing

@testable import StoreAPI

/// Where the API listens. Nothing that it answers from is there.
@Suite(.timeLimit(.minutes(20))) struct ListeningTests {
    @Test("HOST=:: is every address, of IPv4 and of IPv6") func everyAddress() async throws {
        let logger = Logger(label: "tests")
        let away = try PostgresConfiguration(url: "postgresql://x@127.0.0.1:1/x", applicationName: "tests")
        let pool = PostgresPool(configuration: away)
        let redis = RedisClient(configuration: try RedisConfiguration(url: "redis://127.0.0.1:1", clientName: "tests"))
        let (records, queue) = (StoreRecords(pool: pool), JobQueue(redis: redis))
        let settings = try settings(["HOST": "::", "PORT": "0"])
        let api = try StoreAPI(
            settings: settings,
            dependencies: .init(
                records: records,
                queue: queue,
                jobs: JobEnqueuer(queue: queue, logger: logger),
                feed: ChangeFeed(records: records, logger: logger),
                authenticator: try await Authenticator(settings: settings, records: records, logger: logger)
            )
        )
        let (ports, source) = AsyncStream.makeStream(of: Int.self)
        let application = api.application(logger: logger) { source.yield($0) }
        let running = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await running.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            for host in ["127.0.0.1"] + (hasIPv6() ? ["::1"] : []) {
                #expect(try await answer(host, port).hasPrefix("HTTP/1.1 200 "), "\(host)")
            }
            await running.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        await redis.close()
        await pool.close()
    }

    private func answer(_ host: String, _ port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
            var text = ""
            for try await part in inbound { text += String(buffer: part) }
            return text
        }
    }

    /// Whether this machine has an address of it.
    private func hasIPv6() -> Bool { (try? SocketAddress(ipAddress: "::1", port: 0)).map(canBind) ?? false }

    private func canBind(_ address: SocketAddress) -> Bool {
        let channel = try? ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(to: address).wait()
        try? channel?.close().wait()
        return channel != nil
    }
}
