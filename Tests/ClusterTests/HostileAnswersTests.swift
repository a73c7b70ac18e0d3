import Foundation
import StoreDomain
import Synchronization
import Testing

@testable import Cluster

/// What stores and a broken network answer: read to a bound, and not for ever.
@Suite(.timeLimit(.minutes(20))) struct HostileAnswersTests {
    private func with(
        _ answer: @escaping @Sendable (String, RawServer.Write) -> Void,
        _ body: (KubernetesClient, RawServer) async throws -> Void
    ) async throws {
        let server = try RawServer(answer)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer {
            server.stop()
            try? FileManager.default.removeItem(atPath: path)
        }
        try """
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: c}}]
        clusters: [{name: c, cluster: {server: "\(server.address)"}}]
        users: [{name: c, user: {}}]
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let client = try KubernetesClient(configuration: KubernetesConfiguration(kubeconfig: path))
        let result: Result<Void, any Error>
        do { result = .success(try await body(client, server)) } catch { result = .failure(error) }
        try await client.close()
        try result.get()
    }

    private static let megabyte = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)

    @Test("a body without an end is read to its bound and no further") func endless() async throws {
        try await with({ _, write in if write(RawServer.head()) { while write(Self.megabyte) {} } }) { client, server in
            await #expect { try await client.text("/catalogue") } throws: { ($0 as? ClusterError)?.code == .tooLarge }
            // Beside what was read there is what the sockets between hold.
            #expect(server.bytesSent < 32 << 20)
        }
    }

    @Test("a body that drips is given up when its time is over, and so is one that stops in its middle", arguments: [true, false])
    func drips(goesOn: Bool) async throws {
        try await with({ _, write in
            guard write(RawServer.head(length: 1 << 10)) else { return }
            while write([0x20]) { Thread.sleep(forTimeInterval: goesOn ? 0.05 : 30) }
        }) { client, _ in
            await #expect { try await client.text("/catalogue", deadline: .seconds(1)) } throws: {
                ($0 as? ClusterError)?.code == .unreachable && "\($0)".contains("within 1 s")
            }
        }
    }

    @Test("a list whose page is too large is read in smaller ones") func pages() async throws {
        struct Object: Decodable, Sendable { let name: String }
        try await with({ path, write in
            let isSmall = path.contains("limit=10")
            let size = (isSmall ? 1 : 40) << 20
            let object = #"{"name":"\#(String(repeating: "x", count: size))"}"#
            let body = Array(#"{"items":[\#(object)],"metadata":{"resourceVersion":"7"}}"#.utf8)
            if write(RawServer.head(length: body.count)) { _ = write(body) }
        }) { client, _ in
            let list = try await client.list("/api/v1/events", as: Object.self)
            #expect(list.items.count == 1)
            #expect(list.resourceVersion == "7")
        }
    }

    @Test("of a followed log's line without an end comes its beginning, once") func line() async throws {
        try await with({ _, write in
            guard write(RawServer.head()) else { return }
            for _ in 0..<8 { _ = write(Self.megabyte) }
            _ = write(Array("\nnext\nlast".utf8))
        }) { client, _ in
            let lines = Mutex<[String]>([])
            try await client.follow("/log", limit: .seconds(200)) { line in lines.withLock { $0.append(line) } }
            #expect(lines.withLock { $0.map(\.utf8.count) } == [8 << 10, 4, 4])
        }
    }

    @Test(
        "an answer that is no Kubernetes' is an error in words",
        arguments: ["400 Bad Request", "502 Bad Gateway", "429 Too Many Requests", "200 OK"]
    )
    func foreign(status: String) async throws {
        try await with({ _, write in
            let body = Array("<html><body>nginx</body></html>".utf8)
            if write(RawServer.head(status, length: body.count)) { _ = write(body) }
        }) { client, _ in
            await #expect { try await client.list("/api/v1/pods") } throws: {
                guard let error = $0 as? ClusterError else { return false }
                return error.isTransient && !error.message.contains("<html>")
            }
        }
    }
}

@Suite struct LineSplitterTests {
    @Test("lines are the same however the bytes come, and none is longer than its limit", arguments: 1...7)
    func pieces(size: Int) {
        let text = Array("one\n\ntwo three four\nlast".utf8)
        var splitter = LineSplitter(limit: 5)
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            lines += splitter.take(text[start..<min(start + size, text.count)]).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(lines == ["one", "", "two t"])
        #expect(splitter.unfinished == Array("last".utf8))
    }
}
