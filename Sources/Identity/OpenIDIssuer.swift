import AsyncHTTPClient
import Foundation
import JWTKit
package import Logging
import NIOCore
import NIOHTTP1
import StoreDomain

/// Checks the tokens of an OpenID Connect issuer against its published keys.
package actor OpenIDIssuer {
    package struct Configuration: Sendable {
        /// As in the tokens' `iss`; `/.well-known/openid-configuration` below it tells where the keys are.
        package let issuer: String
        /// One of the tokens' `aud`.
        package let audience: String
        /// The claim that names the user, e.g. `sub`.
        package let userClaim: String
        /// The claim that lists groups, e.g. `groups`.
        package let groupsClaim: String
        package let operatorGroups: Set<String>
        package let adminGroups: Set<String>

        package init(
            issuer: String,
            audience: String,
            userClaim: String = "sub",
            groupsClaim: String = "groups",
            operatorGroups: Set<String> = [],
            adminGroups: Set<String> = []
        ) {
            self.issuer = issuer
            self.audience = audience
            self.userClaim = userClaim
            self.groupsClaim = groupsClaim
            self.operatorGroups = operatorGroups
            self.adminGroups = adminGroups
        }
    }

    package enum Refusal: Error, Sendable {
        /// For people: what is wrong with the token.
        case invalid(String)
        /// The issuer's keys cannot be had.
        case unavailable
    }

    private let configuration: Configuration
    private let logger: Logger
    private var keys: (collection: JWTKeyCollection, ids: Set<String>, at: ContinuousClock.Instant)?
    private var lastFetch: ContinuousClock.Instant?
    private var fetching: Task<Void, any Error>?

    /// Keys are read anew when they are older than this, and when a token names one that is not known.
    private static let maximumAge = Duration.seconds(3_600)
    /// However many unknown keys are named, the issuer is asked no more often than this.
    private static let shortestPause = Duration.seconds(10)

    package init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Throws `Refusal`.
    package func principal(of token: String) async throws -> Principal {
        guard token.utf8.count <= 8_192, let header = try? DefaultJWTParser().parse([UInt8](token.utf8), as: Claims.self).header else {
            throw Refusal.invalid("This is no JSON Web Token")
        }
        guard let kid = header.kid else { throw Refusal.invalid("The token names no key") }
        try await refresh(toHave: kid)
        guard let keys, keys.ids.contains(kid) else { throw Refusal.invalid("The token is signed by a key that the issuer does not have") }
        let claims: Claims
        do {
            claims = try await keys.collection.verify(token, as: Claims.self)
        } catch let error as JWTError where error.errorType == .claimVerificationFailure {
            throw Refusal.invalid("The token is over, or not valid yet")
        } catch {
            throw Refusal.invalid("The token's signature is not right")
        }
        guard claims.issuer == configuration.issuer else { throw Refusal.invalid("The token is another issuer's") }
        guard claims.audience.contains(configuration.audience) else { throw Refusal.invalid("The token is for somebody else") }
        guard let user = claims.text(configuration.userClaim).flatMap({ UserID($0) }) else {
            throw Refusal.invalid("The token has no \(configuration.userClaim)")
        }
        let groups = claims.words(configuration.groupsClaim)
        let role: Role =
            !configuration.adminGroups.isDisjoint(with: groups)
            ? .admin : !configuration.operatorGroups.isDisjoint(with: groups) ? .operator : .user
        return Principal(user: user, role: role, means: .bearer, name: claims.text("email"), expiresAt: claims.expiresAt)
    }

    /// Keys that are there are used on when the issuer is away.
    private func refresh(toHave kid: String) async throws {
        let now = ContinuousClock.now
        let isNeeded = keys.map { now - $0.at > Self.maximumAge || !$0.ids.contains(kid) } ?? true
        guard isNeeded else { return }
        if fetching == nil {
            if let lastFetch, now - lastFetch < Self.shortestPause {
                if keys == nil { throw Refusal.unavailable }
                return
            }
            lastFetch = now
            fetching = Task { try await fetch() }
        }
        do {
            try await fetching?.value
            fetching = nil
        } catch {
            fetching = nil
            logger.warning("The OpenID issuer's keys cannot be had", metadata: ["error": "\(error)", "issuer": "\(configuration.issuer)"])
            if keys == nil { throw Refusal.unavailable }
        }
    }

    private func fetch() async throws {
        let base = configuration.issuer.hasSuffix("/") ? String(configuration.issuer.dropLast()) : configuration.issuer
        let discovery = try await object(at: base + "/.well-known/openid-configuration")
        guard discovery["issuer"] as? String == configuration.issuer, let address = discovery["jwks_uri"] as? String else {
            throw Refusal.invalid("The discovery document has another issuer, or no jwks_uri")
        }
        let set = try await object(at: address)["keys"] as? [[String: Any]] ?? []
        let collection = JWTKeyCollection()
        var ids: Set<String> = []
        for entry in set where entry["use"] as? String ?? "sig" == "sig" {
            // A key of a kind that is not for signing, or not known here, is no reason to refuse the others.
            guard let data = try? JSONSerialization.data(withJSONObject: entry), let key = try? JSONDecoder().decode(JWK.self, from: data),
                let kid = key.keyIdentifier?.string, (try? await collection.add(jwk: key)) != nil
            else { continue }
            ids.insert(kid)
        }
        guard !ids.isEmpty else { throw Refusal.invalid("The issuer publishes no key that can be used") }
        keys = (collection, ids, .now)
    }

    private func object(at address: String) async throws -> [String: Any] {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: address), timeout: .seconds(5))
        guard response.status == .ok else { throw Refusal.invalid("\(address) answered \(response.status.code)") }
        let body = try await response.body.collect(upTo: 1_048_576)
        guard let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any] else {
            throw Refusal.invalid("\(address) is no JSON object")
        }
        return object
    }
}

/// A token's claims, whatever they are called.
private struct Claims: JWTPayload {
    private let values: [String: Value]

    enum Value: Codable, Sendable {
        case text(String)
        case number(Double)
        case words([String])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let words = try? container.decode([String].self) {
                self = .words(words)
            } else {
                self = .other
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            case .words(let words): try container.encode(words)
            case .other: try container.encodeNil()
            }
        }
    }

    init(from decoder: any Decoder) throws { values = try decoder.singleValueContainer().decode([String: Value].self) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    /// A minute of difference between clocks is let pass.
    func verify(using algorithm: some JWTAlgorithm) throws {
        guard let expiresAt, expiresAt.addingTimeInterval(60) > Date() else {
            throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "expired")
        }
        if case .number(let start)? = values["nbf"], Date(timeIntervalSince1970: start).addingTimeInterval(-60) > Date() {
            throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "not valid yet")
        }
    }

    var issuer: String? { text("iss") }

    var audience: [String] { words("aud") }

    var expiresAt: Date? {
        guard case .number(let seconds)? = values["exp"] else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }

    func text(_ claim: String) -> String? {
        guard case .text(let text)? = values[claim] else { return nil }
        return text
    }

    /// A list, or one word alone.
    func words(_ claim: String) -> [String] {
        switch values[claim] {
        case .words(let words): words
        case .text(let text): [text]
        default: []
        }
    }
}
