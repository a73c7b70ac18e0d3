import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import Testing

/// What stands on the wire: of HTTP/1 itself, below what the test client shows.
@Suite(.timeLimit(.minutes(20))) struct WireTests {
    /// Sends bytes and reads until the server closes the connection, or `isEnough`.
    private func exchange(_ port: Int, _ parts: [String], until isEnough: @escaping @Sendable (String) -> Bool = { _ in false })
        async throws -> String
    {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var rest = parts[...]
            try await outbound.write(ByteBuffer(string: rest.removeFirst()))
            var text = ""
            for try await part in inbound {
                text += String(buffer: part)
                if isEnough(text) {
                    guard !rest.isEmpty else { break }
                    try await outbound.write(ByteBuffer(string: rest.removeFirst()))
                }
            }
            return text
        }
    }

    @Test("who waits for 100 Continue gets it before the body, and a refusal at once for a body that is too large")
    func expectations() async throws {
        try await withLiveAPI { port in
            let body = #"{"name":"A","engine":"medusa"}"#
            let head =
                "POST /api/stores HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n"
            let answer = try await exchange(port, [head + "Content-Length: \(body.utf8.count)\r\n\r\n", body]) {
                $0.hasPrefix("HTTP/1.1 100 ") && !$0.contains("202 Accepted")
            }
            #expect(answer.hasPrefix("HTTP/1.1 100 ") && answer.contains("HTTP/1.1 202 "))
            let large = try await exchange(port, [head + "Content-Length: 100000\r\n\r\n"]) { $0.contains("}") }
            #expect(large.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("HTTP/1.0 gets no chunks, and the connection's end after the answer")
    func oldClients() async throws {
        try await withLiveAPI(["ADMIN_TOKEN": "0123456789abcdef"]) { port in
            let short = try await exchange(port, ["GET /api/me HTTP/1.0\r\nX-User-Id: ada\r\n\r\n"])
            #expect(short.hasPrefix("HTTP/1.0 200 ") && short.contains("\"userId\":\"ada\""))
            // Read and sent piece by piece: of no length that anybody knows before.
            let ask = "GET /api/admin/audit/export HTTP/1.0\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n"
            let pieces = try await exchange(port, [ask])
            #expect(pieces.hasPrefix("HTTP/1.0 200 ") && !pieces.lowercased().contains("chunked"))
            #expect(pieces.lowercased().contains("connection: close"))
            let kept = try await exchange(
                port,
                ["GET /api/me HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /api/me HTTP/1.0\r\n\r\n"]
            ) { $0.components(separatedBy: "HTTP/1.0 200 ").count == 2 && $0.contains("}") }
            #expect(kept.components(separatedBy: "HTTP/1.0 200 ").count == 3)
        }
    }

    @Test("what is long is packed for who asks, what is short or a stream is not, and nonsense ends in a 400")
    func packing() async throws {
        try await withLiveAPI(["ADMIN_TOKEN": "0123456789abcdef"]) { port in
            let create = #"{"name":"A","engine":"medusa"}"#
            for _ in 1...3 {
                _ = try await exchange(
                    port,
                    ["POST /api/stores HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(create.utf8.count)\r\n\r\n\(create)"]
                )
            }
            func head(_ path: String, _ coding: String) async throws -> String {
                let bytes = try await exchange(
                    port,
                    [
                        "GET \(path) HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(coding)\r\n"
                            + "Authorization: Bearer 0123456789abcdef\r\nConnection: close\r\n\r\n"
                    ]
                )
                return (bytes.components(separatedBy: "\r\n\r\n").first ?? "").lowercased()
            }
            #expect(try await head("/api/stores", "gzip").contains("content-encoding: gzip"))
            #expect(try await head("/api/stores", "gzip").contains("vary: origin, accept-encoding"))
            for (path, coding) in [
                ("/api/stores", "identity"), ("/api/stores", "gzip;q=0"), ("/api/me", "gzip"), ("/api/admin/audit/export", "gzip"),
            ] {
                #expect(try await !head(path, coding).contains("content-encoding"), "\(path) \(coding)")
            }
            #expect(try await exchange(port, ["NONSENSE\r\n\r\n"]).hasPrefix("HTTP/1.1 400 "))
            #expect(try await exchange(port, ["GET /api/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]).hasPrefix("HTTP/1.1 200 "))
        }
    }
}
