import Foundation
import Hummingbird
package import JWTKit
import Logging
import NIOCore
package import Synchronization

/// An issuer of tokens on a port of its own, whose keys a test changes.
package final class LocalIssuer: Sendable {
    package struct State {
        package var keys: [String: ES256PrivateKey] = [:]
        package var fetches = 0
        /// What the document calls it, where that is not its address.
        package var name: String?
        /// Keys without `kid` and `alg`.
        package var isTerse = false
    }
    package let state = Mutex(State())
    package let address = Mutex("")

    package init() {}

    package func publish(_ ids: [String]) {
        state.withLock { $0.keys = Dictionary(uniqueKeysWithValues: ids.map { ($0, ES256PrivateKey()) }) }
    }

    package var issuer: String { address.withLock { $0 } }

    package func run(_ body: @escaping @Sendable (LocalIssuer) async throws -> Void) async throws {
        let router = Router()
        router.get("/.well-known/openid-configuration") { _, _ in
            let issuer = self.issuer
            let name = self.state.withLock { $0.name } ?? issuer
            return ByteBuffer(string: #"{"issuer":"\#(name)","jwks_uri":"\#(issuer)/keys"}"#)
        }
        router.get("/keys") { _, _ in
            let keys = self.state.withLock { state in
                state.fetches += 1
                return state.keys.mapValues(\.publicKey)
            }
            var entries = keys.compactMap { id, key -> String? in
                guard let point = key.parameters else { return nil }
                let named = self.state.withLock { $0.isTerse } ? "" : #""alg":"ES256","use":"sig","kid":"\#(id)","#
                return #"{"kty":"EC","crv":"P-256",\#(named)"x":"\#(point.x)","y":"\#(point.y)"}"#
            }
            // What others put into theirs, and is no use here.
            entries.append(#"{"kty":"oct","kid":"shared","k":"c2VjcmV0","alg":"HS256"}"#)
            return ByteBuffer(string: "{\"keys\":[\(entries.joined(separator: ","))]}")
        }
        let (ports, source) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in source.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "issuer") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                address.withLock { $0 = "http://127.0.0.1:\(port)" }
                break
            }
            try await body(self)
            group.cancelAll()
        }
    }

    package func token(_ id: String, _ claims: [String: TokenClaim] = [:], without left: Set<String> = [], kid: String? = nil) async throws
        -> String
    {
        let key = state.withLock { $0.keys[id] } ?? ES256PrivateKey()
        var all: [String: TokenClaim] = [
            "iss": .text(issuer), "aud": .text("weaver"), "sub": .text("ada"), "exp": .number(Date().timeIntervalSince1970 + 600),
        ]
        all.merge(claims) { $1 }
        for name in left { all[name] = nil }
        if kid == "" { return try await JWTKeyCollection().add(ecdsa: key).sign(Claims(values: all)) }
        let collection = await JWTKeyCollection().add(ecdsa: key, kid: JWKIdentifier(string: kid ?? id))
        return try await collection.sign(Claims(values: all), kid: JWKIdentifier(string: kid ?? id))
    }
}

/// A claim's value.
package enum TokenClaim: Encodable, Sendable {
    case text(String), number(Double), words([String])
    indirect case members([String: TokenClaim])

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .words(let words): try container.encode(words)
        case .members(let members): try container.encode(members)
        }
    }
}

private struct Claims: JWTPayload {
    let values: [String: TokenClaim]

    init(values: [String: TokenClaim]) { self.values = values }

    init(from decoder: any Decoder) throws { values = [:] }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    func verify(using algorithm: some JWTAlgorithm) throws {}
}
