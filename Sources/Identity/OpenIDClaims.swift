import Foundation
import JWTKit
import StoreDomain

/// A token's claims, whatever they are called.
struct OpenIDClaims: JWTPayload {
    private let values: [String: Value]

    enum Value: Codable, Sendable {
        case text(String)
        case number(Double)
        case words([String])
        case object([String: Value])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let words = try? container.decode([String].self) {
                self = .words(words)
            } else if let members = try? container.decode([String: Value].self) {
                self = .object(members)
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
            case .object(let members): try container.encode(members)
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
        guard case .text(let text)? = value(claim) else { return nil }
        return text
    }

    /// A claim's name may have dots of its own, e.g. `https://example.com/roles`.
    private func value(_ claim: String) -> Value? {
        if let value = values[claim] { return value }
        var members = values
        var value: Value?
        for name in claim.split(separator: ".") {
            value = members[String(name)]
            members = if case .object(let inner)? = value { inner } else { [:] }
        }
        return value
    }

    /// For people, beside the subject. What is no address is left out.
    var email: EmailAddress? { text("email").flatMap { EmailAddress($0) }.flatMap { $0.isPresentable ? $0 : nil } }

    /// A list, or one word alone. `claim`: a name, or a path of names such as `realm_access.roles`.
    func words(_ claim: String) -> [String] {
        switch value(claim) {
        case .words(let words): words
        case .text(let text): [text]
        default: []
        }
    }
}
