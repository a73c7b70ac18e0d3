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

    package enum Refusal: Error, Sendable, Equatable {
        /// For people: what is wrong with the token.
        case invalid(String)
        /// The issuer's keys cannot be had.
        case unavailable
        /// The issuer calls itself by another name than the one that is set: no waiting repairs that. For people: both names.
        case misnamed(String)
    }

    private let configuration: Configuration
    private let logger: Logger
    private var keys: (all: [OpenIDKey], at: ContinuousClock.Instant)?
    private var misnaming: Refusal?
    private var lastFetch: ContinuousClock.Instant?
    private var fetching: Task<Void, any Error>?

    /// Keys are read anew when they are older than this, and when a token names one that is not known.
    private static let maximumAge = Duration.seconds(3_600)
    /// However many unknown keys are named, the issuer is asked no more often than this.
    private static let shortestPause = Duration.seconds(10)
    /// A token that names no key is tried with each.
    private static let mostKeys = 50

    package init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Throws `Refusal`.
    package func principal(of token: String) async throws -> Principal {
        guard token.utf8.count <= 8_192, let header = try? DefaultJWTParser().parse([UInt8](token.utf8), as: OpenIDClaims.self).header
        else {
            throw Refusal.invalid("Malformed token: not a JSON Web Token")
        }
        if let name = Self.repeatedMember(in: token) { throw Refusal.invalid("The token has \(name.inOneLine.prefix(100)) twice") }
        try await refresh(toHave: header.kid)
        let claims = try await verified(token, by: fitting(header.kid).compactMap { $0.collection(for: header.alg) })
        guard claims.issuer == configuration.issuer else {
            let told = claims.issuer.map { "is \($0.inOneLine.prefix(200))'s" } ?? "names no issuer"
            throw Refusal.invalid("The token \(told); here those of \(configuration.issuer) count")
        }
        guard claims.audience.contains(configuration.audience) else { throw Refusal.invalid("Wrong audience") }
        guard let user = claims.text(configuration.userClaim).flatMap({ UserID($0) }), user.isPresentable else {
            throw Refusal.invalid("The token has no \(configuration.userClaim) that can name a user")
        }
        let groups = claims.words(configuration.groupsClaim)
        let role: Role =
            !configuration.adminGroups.isDisjoint(with: groups)
            ? .admin : !configuration.operatorGroups.isDisjoint(with: groups) ? .operator : .user
        return Principal(user: user, role: role, means: .bearer, name: claims.email?.rawValue, expiresAt: claims.expiresAt)
    }

    /// Of the header or the claims, which are base64url (RFC 7515).
    private static func repeatedMember(in token: String) -> String? {
        token.split(separator: ".", omittingEmptySubsequences: false).prefix(2).lazy.compactMap { part in
            let text = part.replacing("-", with: "+").replacing("_", with: "/")
            let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
            return Data(base64Encoded: text + padding).flatMap { RepeatedMember.name(in: $0) }
        }.first
    }

    /// The keys that may have signed: those of that name and those without one; all of them where the token names none.
    private func fitting(_ kid: String?) -> [OpenIDKey] {
        (keys?.all ?? []).filter { kid == nil || $0.id == nil || $0.id == kid }
    }

    private func verified(_ token: String, by candidates: [JWTKeyCollection]) async throws(Refusal) -> OpenIDClaims {
        guard !candidates.isEmpty else { throw Refusal.invalid("The token is signed by a key that the issuer does not have") }
        for keys in candidates {
            do {
                return try await keys.verify(token, as: OpenIDClaims.self)
            } catch let error as JWTError where error.errorType == .claimVerificationFailure {
                throw Refusal.invalid("Expired token, or not valid yet")
            } catch {
                continue
            }
        }
        throw Refusal.invalid("Wrong signature")
    }

    /// Keys that are there are used on when the issuer is away.
    private func refresh(toHave kid: String?) async throws {
        let now = ContinuousClock.now
        let isNeeded = keys.map { now - $0.at > Self.maximumAge || fitting(kid).isEmpty } ?? true
        guard isNeeded else { return }
        if fetching == nil {
            if let lastFetch, now - lastFetch < Self.shortestPause {
                if keys == nil { throw misnaming ?? Refusal.unavailable }
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
            misnaming = (error as? Refusal).flatMap { if case .misnamed = $0 { $0 } else { nil } }
            if keys == nil { throw misnaming ?? Refusal.unavailable }
        }
    }

    private func fetch() async throws {
        let base = configuration.issuer.hasSuffix("/") ? String(configuration.issuer.dropLast()) : configuration.issuer
        let discovery = try await object(at: base + "/.well-known/openid-configuration")
        let named = discovery["issuer"] as? String ?? ""
        guard named == configuration.issuer else {
            throw Refusal.misnamed(
                "OIDC_ISSUER is \(configuration.issuer), and the issuer calls itself \(named.isEmpty ? "nothing" : named.inOneLine): set OIDC_ISSUER to that, to the letter"
            )
        }
        guard let address = discovery["jwks_uri"] as? String else { throw Refusal.invalid("The discovery document has no jwks_uri") }
        let set = try await object(at: address)["keys"] as? [[String: Any]] ?? []
        var all: [OpenIDKey] = []
        for entry in set.prefix(Self.mostKeys) where entry["use"] as? String ?? "sig" == "sig" {
            // A key of a kind that is not for signing, or not known here, is no reason to refuse the others.
            if let key = await OpenIDKey(entry) { all.append(key) }
        }
        guard !all.isEmpty else { throw Refusal.invalid("The issuer publishes no key that can be used") }
        keys = (all, .now)
        misnaming = nil
    }

    private func object(at address: String) async throws -> [String: Any] {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: address), timeout: .seconds(5))
        guard response.status == .ok else { throw Refusal.invalid("\(address) answered \(response.status.code)") }
        let body = try await response.body.collect(upTo: 1_048_576)
        guard let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any] else {
            throw Refusal.invalid("\(address) is no JSON object")
        }
        if let name = RepeatedMember.name(in: body.readableBytesView) {
            throw Refusal.invalid("\(address) has \(name.inOneLine.prefix(100)) twice")
        }
        return object
    }
}
