import Configuration
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

@testable import StoreGate

/// A gate that listens, and the database behind it.
struct GateUnderTest: Sendable {
    let port: Int
    let pool: PostgresPool

    /// Asks for `host` as a browser does. `host` may be several lines of a request's head.
    func ask(_ host: String, _ path: String = "/", method: String = "GET", accept: String = "*/*", body: String = "") async throws
        -> RawAnswer
    {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        let head = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nAccept: \(accept)\r\n\(length)Connection: close\r\n\r\n"
        return try await send(head + body)
    }

    /// Sends bytes and reads until the gate closes the connection.
    func send(_ text: String) async throws -> RawAnswer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return RawAnswer(answer)
        }
    }

    /// A store of this name at `<name>.example.com`, in a state that the SQL assignments make.
    func store(_ name: String, set state: String = "", host: String? = nil) async throws {
        let request = NewStore(name: try StoreName(name), engine: .woocommerce, owner: UserID("ada"))
        guard
            case .accepted(let store, _) = try await StoreRecords(pool: pool).create(request, limits: StoreLimits(total: 100, perUser: 100))
        else { throw TestSupportError(message: "\(name) was not accepted") }
        let host = host ?? "\(store.namespace.slug).example.com"
        let more = state.isEmpty ? "" : ", \(state)"
        _ = try await pool.query(SQL(unsafe: "UPDATE stores SET host = '\(host)'\(more) WHERE id = '\(store.id.rawValue)'"))
    }
}

struct RawAnswer: Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    var status: Int { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }
    var body: String { text.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n") }

    func header(_ name: String) -> String? {
        text.components(separatedBy: "\r\n\r\n")[0].components(separatedBy: "\r\n").first {
            $0.lowercased().hasPrefix(name.lowercased() + ":")
        }
        .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}

/// Lends a gate over a database with the whole schema, or over the one given.
func withGate(database: PostgresConfiguration? = nil, _ body: @escaping @Sendable (GateUnderTest) async throws -> Void) async throws {
    guard let database else {
        return try await TestDatabases.withMigratedDatabase { try await withGate(database: $0, body) }
    }
    let pool = PostgresPool(configuration: database, patience: StoreGate.patience)
    let environment = EnvironmentVariablesProvider(environmentVariables: ["HOST": "127.0.0.1", "PORT": "0"])
    let gate = StoreGate(settings: try GateSettings(reader: ConfigReader(provider: environment)), records: StoreRecords(pool: pool))
    try await gate.application(logger: Logger(label: "tests")).test(.live) { client in
        guard let port = client.port else { throw TestSupportError(message: "the gate listens nowhere") }
        try await body(GateUnderTest(port: port, pool: pool))
    }
    await pool.close()
}
