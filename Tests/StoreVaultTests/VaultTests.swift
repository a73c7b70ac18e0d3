import Configuration
import Crypto
import Foundation
import HTTPTypes
import NIOCore
import Program
import Sealing
import Testing

@testable import StoreVault

@Suite struct VaultOperationTests {
    private static let name = String(repeating: "0f", count: 32)

    private static func request(_ method: HTTPRequest.Method, _ path: String, length: Int64? = nil) -> HTTPRequest {
        var request = HTTPRequest(method: method, scheme: nil, authority: nil, path: path)
        request.headerFields[.contentLength] = length.map(String.init)
        return request
    }

    private static func refusal(_ method: HTTPRequest.Method, _ path: String, length: Int64? = nil) -> Int? {
        do throws(VaultRefusal) {
            _ = try VaultOperation(request(method, path, length: length))
            return nil
        } catch { return error.status.code }
    }

    @Test(
        "what is no path of restic's protocol, as it was sent, is not found",
        arguments: [
            "", "/", "//", "/config", "/a00000000001", "/A00000000001/config", "/a00000000001/CONFIG", "/a00000000001//config",
            "/a00000000001/data", "/a00000000001/data/\(name)/", "/a00000000001/data/\(name)0", "/a00000000001/data/\(name.uppercased())",
            "/a00000000001/data/../config", "/a00000000001/../a00000000002/config", "/a00000000001/%63onfig", "/a00000000001/data/%2e%2e",
            "/a00000000001/data/0f/\(name)", "/a00000000001/tmp/\(name)", "/a00000000001/.htpasswd", "/../a00000000001/config",
            "http://elsewhere/a00000000001/config", "a00000000001/config",
        ]
    ) func strangePaths(_ path: String) {
        #expect(Self.refusal(.get, path) == 404)
    }

    @Test("a request that the protocol has not is refused with the status that says why") func strangeRequests() {
        #expect(Self.refusal(.post, "/a00000000001/data/\(Self.name)") == 411)
        #expect(Self.refusal(.post, "/a00000000001/data/\(Self.name)", length: 256 << 20) == nil)
        #expect(Self.refusal(.post, "/a00000000001/data/\(Self.name)", length: 256 << 20 + 1) == 413)
        #expect(Self.refusal(.post, "/a00000000001/locks/\(Self.name)", length: 2 << 20) == 413)
        #expect(Self.refusal(.put, "/a00000000001/config", length: 1) == 405)
        #expect(Self.refusal(.delete, "/a00000000001/data/") == 405)
        #expect(Self.refusal(.get, "/a00000000001/config?create=true") == 400)
        #expect(Self.refusal(.post, "/a00000000001/") == 400)
        #expect(Self.refusal(.post, "/a00000000001/?create=false") == 405)
        #expect(Self.refusal(.get, "/a00000000001/") == 400)
        #expect(Self.refusal(.head, "/a00000000001/") == 405)
    }

    @Test(
        "each right has what it needs and no more",
        arguments: [
            // method, path, and who may
            ("POST", "/?create=true", "append prune"),
            ("GET", "/config", "append read prune"),
            ("HEAD", "/config", "append read prune"),
            ("POST", "/config", "append prune"),
            ("DELETE", "/config", "prune"),
            ("GET", "/data/", "append read prune"),
            ("GET", "/data/NAME", "append read prune"),
            ("POST", "/data/NAME", "append prune"),
            ("POST", "/snapshots/NAME", "append prune"),
            ("POST", "/index/NAME", "append prune"),
            ("POST", "/keys/NAME", "append prune"),
            ("POST", "/locks/NAME", "append read prune"),
            ("DELETE", "/locks/NAME", "append read prune"),
            ("DELETE", "/data/NAME", "prune"),
            ("DELETE", "/snapshots/NAME", "prune"),
            ("DELETE", "/index/NAME", "prune"),
            // Where there is no config yet.
            ("DELETE", "/keys/NAME", "append prune"),
            ("GET", "/?size", "manage"),
            ("DELETE", "/", "manage"),
            ("GET", "/escrow/", "manage"),
            ("GET", "/escrow/NAME", "manage"),
            ("POST", "/escrow/NAME", "manage"),
            ("DELETE", "/escrow/NAME", "manage"),
        ]
    ) func rights(_ method: String, _ path: String, _ who: String) throws {
        let method = try #require(HTTPRequest.Method(rawValue: method))
        let path = "/a00000000001" + path.replacing("NAME", with: Self.name)
        let operation = try VaultOperation(Self.request(method, path, length: 1))
        let allowed = VaultToken.Right.allCases.filter { operation.isAllowed(by: $0) }.map(\.rawValue)
        #expect(Set(allowed) == Set(who.split(separator: " ").map(String.init)))
    }
}

@Suite struct PlatformRepositoryTests {
    @Test("nobody removes the platform's own repository as a whole; all else is as with a store's") func removal() throws {
        func rights(_ method: HTTPRequest.Method, _ path: String) throws -> [VaultToken.Right] {
            let operation = try VaultOperation(HTTPRequest(method: method, scheme: nil, authority: nil, path: path))
            return VaultToken.Right.allCases.filter { operation.isAllowed(by: $0) }
        }
        #expect(try rights(.delete, "/platform/").isEmpty)
        #expect(try rights(.get, "/platform/?size") == [.manage])
        #expect(try rights(.get, "/platform/config") == [.append, .read, .prune])
    }
}

@Suite struct VerifiedBodyTests {
    private static func pieces(_ texts: [String]) -> AsyncStream<ByteBuffer> {
        AsyncStream { source in
            for text in texts { source.yield(ByteBuffer(string: text)) }
            source.finish()
        }
    }

    private static func name(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("passes on what is called after its content", arguments: [[], ["a"], ["ab", "c", "", "d"]]) func whole(_ texts: [String])
        async throws
    {
        let text = texts.joined()
        let body = VerifiedBody(base: Self.pieces(texts), length: Int64(text.utf8.count), name: Self.name(text))
        var passed = ByteBuffer()
        for try await piece in body { passed.writeImmutableBuffer(piece) }
        #expect(String(buffer: passed) == text)
        #expect(!body.verdict.isRefused)
    }

    @Test(
        "never passes the last piece on of what is too short, too long, or something else",
        arguments: [
            (["ab", "c"], 4, "abc"), (["ab", "c"], 2, "abc"), (["ab", "c"], 3, "abd"), ([], 1, ""), (["abc"], 3, "abd"),
        ]
    ) func broken(_ texts: [String], _ length: Int64, _ named: String) async throws {
        let body = VerifiedBody(base: Self.pieces(texts), length: length, name: Self.name(named))
        var passed = ByteBuffer()
        await #expect(throws: VaultRefusal(.badRequest)) {
            for try await piece in body { passed.writeImmutableBuffer(piece) }
        }
        #expect(passed.readableBytes < length)
        #expect(body.verdict.isRefused)
    }
}

@Suite struct VaultSettingsTests {
    private static func key(_ byte: UInt8) -> String { Data(repeating: byte, count: 32).base64EncodedString() }

    private static func settings(_ archiveKeys: String) throws -> VaultSettings {
        let variables = ["VAULT_KEYS": "k2:\(key(2)),k1:\(key(1))", "ARCHIVE_KEYS": archiveKeys]
        return try VaultSettings(reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
    }

    @Test("archives have keys of their own") func keys() throws {
        #expect(try Self.settings("k1:\(Self.key(3))").archiveKeys != nil)
        #expect { try Self.settings("other:\(Self.key(3)),another:\(Self.key(1))") } throws: {
            "\($0)".contains("ARCHIVE_KEYS") && !"\($0)".contains(Self.key(1))
        }
    }
}
