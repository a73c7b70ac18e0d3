import Crypto
import Foundation
import Hummingbird
import StoreDomain
import StoreRecords

/// The body of `POST /api/stores`, parsed once.
struct CreateStoreRequest {
    let name: StoreName
    let engine: Engine
    let userID: String?

    init(_ request: Request) async throws {
        let body = try await JSONBody(request)
        name = try Self.name(body["name"])
        engine = try Self.engine(body["engine"])
        userID = try Self.userID(body["userId"])
    }

    /// The same request in one form, whatever its white space and order of fields.
    func digest(owner: UserID?) -> String {
        let canonical = [name.rawValue, engine.rawValue, owner?.rawValue ?? ""].joined(separator: "\0")
        return SHA256.hash(data: Data(canonical.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
        guard let value, value as? String != "" else { throw APIError(.badRequest, "Store engine is required") }
        guard let engine = (value as? String).flatMap(Engine.init(rawValue:)) else {
            throw APIError(.badRequest, "Store engine must be \"woocommerce\" or \"medusa\"")
        }
        return engine
    }

    private static func userID(_ value: Any?) throws -> String? {
        guard let value else { return nil }
        guard let text = value as? String else { throw APIError.invalidUser }
        return text
    }
}
