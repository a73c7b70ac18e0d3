import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StoreDomain
import StoreRecords

/// The body of `POST /api/stores`, parsed once.
struct CreateStoreRequest {
    static let maximumBytes = 64 * 1_024

    let name: StoreName
    let engine: Engine
    let userID: String?

    init(_ request: Request) async throws {
        try Self.checkMediaType(request.headers[.contentType])
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBytes)
        } catch is NIOTooManyBytesError {
            throw APIError(.contentTooLarge, "The body may have 64 KiB at most")
        }
        let parsed = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))
        guard let parsed else { throw APIError(.badRequest, "The body is not valid JSON") }
        guard let fields = parsed as? [String: Any] else { throw APIError(.badRequest, "The body must be a JSON object") }
        name = try Self.name(fields["name"])
        engine = try Self.engine(fields["engine"])
        userID = try Self.userID(fields["userId"])
    }

    /// The same request in one form, whatever its white space and order of fields.
    func digest(owner: UserID?) -> String {
        let canonical = [name.rawValue, engine.rawValue, owner?.rawValue ?? ""].joined(separator: "\0")
        return SHA256.hash(data: Data(canonical.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// JSON. What `curl -d` sends of itself is let pass, too: the body has to be JSON all the same.
    private static func checkMediaType(_ header: String?) throws {
        guard let header else { return }
        let type = header.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        let known =
            type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json")
            || type == "application/x-www-form-urlencoded"
        guard known else { throw APIError(.unsupportedMediaType, "The body must be application/json") }
    }

    private static func name(_ value: Any?) throws -> StoreName {
        guard let text = value as? String else { throw APIError(.badRequest, "Store name is required") }
        do throws(StoreName.Invalid) {
            return try StoreName(text)
        } catch {
            switch error {
            case .empty: throw APIError(.badRequest, "Store name is required")
            case .tooLong: throw APIError(.badRequest, "Store name must have at most \(StoreName.maximumLength) characters")
            case .controlCharacter: throw APIError(.badRequest, "Store name must not contain control characters")
            }
        }
    }

    private static func engine(_ value: Any?) throws -> Engine {
        guard let value, !(value is NSNull), value as? String != "" else { throw APIError(.badRequest, "Store engine is required") }
        guard let engine = (value as? String).flatMap(Engine.init(rawValue:)) else {
            throw APIError(.badRequest, "Store engine must be \"woocommerce\" or \"medusa\"")
        }
        return engine
    }

    private static func userID(_ value: Any?) throws -> String? {
        guard let value, !(value is NSNull) else { return nil }
        guard let text = value as? String else { throw APIError.invalidUser }
        return text
    }
}
