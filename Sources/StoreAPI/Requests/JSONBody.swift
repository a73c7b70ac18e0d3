import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The body of a request as the fields of a JSON object.
struct JSONBody {
    static let maximumBytes = 64 * 1_024

    private let fields: [String: Any]

    /// Throws `APIError`. `optional`: no body at all counts as an object without fields.
    init(_ request: Request, optional: Bool = false) async throws {
        try Self.checkMediaType(request.headers[.contentType])
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBytes)
        } catch is NIOTooManyBytesError {
            throw APIError(.contentTooLarge, "The body may have 64 KiB at most")
        }
        if optional, body.readableBytes == 0 {
            fields = [:]
            return
        }
        let parsed = try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))
        guard let parsed else { throw APIError(.badRequest, "The body is not valid JSON") }
        guard let fields = parsed as? [String: Any] else { throw APIError(.badRequest, "The body must be a JSON object") }
        self.fields = fields
    }

    /// `nil` where it is absent or null.
    subscript(_ name: String) -> Any? {
        guard let value = fields[name], !(value is NSNull) else { return nil }
        return value
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
}
