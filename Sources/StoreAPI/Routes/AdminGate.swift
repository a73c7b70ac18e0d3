import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Lets operators in: those who send the installation's token.
struct AdminGate: Sendable {
    private let digest: SHA256.Digest?

    /// `token` nil: nobody is let in.
    init(token: String?) { digest = token.map { SHA256.hash(data: Data($0.utf8)) } }

    /// The operator's name for the records: `X-User-Id`, or `operator`. Throws `APIError` for everybody else.
    func admit(_ request: Request) throws -> String {
        guard let digest else { throw APIError(.forbidden, "The operator's routes are closed: set ADMIN_TOKEN to open them") }
        let words = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        // Digests are compared, in constant time: neither the token's length nor its beginning can be felt.
        guard words.count == 2, words[0].lowercased() == "bearer", SHA256.hash(data: Data(words[1].utf8)) == digest else {
            throw APIError(.unauthorized, "An operator's bearer token is needed", challenge: "Bearer")
        }
        guard let name = request.headers[.userID], !name.allSatisfy(\.isWhitespace) else { return "operator" }
        guard name.count <= 200, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw APIError.invalidUser
        }
        return name
    }
}
