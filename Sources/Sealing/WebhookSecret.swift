import Crypto
import Foundation

/// What signs what is sent to one webhook, as Standard Webhooks has it (standardwebhooks.com): `whsec_` and 32 bytes in base64.
package struct WebhookSecret: Codable, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    package let text: String

    package var description: String { "<redacted>" }
    package var debugDescription: String { description }

    private static let prefix = "whsec_"

    private init(bytes: Data) { text = Self.prefix + bytes.base64EncodedString() }

    package static func random() -> WebhookSecret {
        WebhookSecret(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) })
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        text = try container.decode(String.self)
        guard text.hasPrefix(Self.prefix), (Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) ?? Data()).count >= 24 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no secret of a webhook")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// `webhook-signature` of a message: `v1,` and the HMAC-SHA256 over its id, its time in seconds since 1970 and its body, in base64.
    package func signature(id: String, timestamp: Int, body: String) -> String {
        let key = SymmetricKey(data: Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) ?? Data())
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(timestamp).\(body)".utf8), using: key)
        return "v1," + Data(code).base64EncodedString()
    }
}
