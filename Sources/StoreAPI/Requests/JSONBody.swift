import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StoreDomain

/// The body of a request as the fields of a JSON object.
struct JSONBody {
    static let maximumBytes = 64 * 1_024

    private let fields: [String: Any]
    /// Of an object in the body: its name and a dot.
    private let prefix: String

    /// Throws `APIError`, also for a field that is none of `known`. `optional`: no body at all counts as an object without fields.
    init(_ request: Request, _ known: String..., optional: Bool = false) async throws {
        try Self.checkMediaType(request.headers[.contentType])
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.maximumBytes { throw Self.tooLarge }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBytes)
        } catch is NIOTooManyBytesError {
            throw Self.tooLarge
        }
        try self.init(optional && body.readableBytes == 0 ? [:] : Self.parsed(body), known)
    }

    private init(_ fields: [String: Any], _ known: [String], below prefix: String = "") throws {
        (self.fields, self.prefix) = (fields, prefix)
        guard let other = fields.keys.filter({ !known.contains($0) }).min() else { return }
        let told = path(of: String(other.inOneLine.prefix(100)))
        let text = known.isEmpty ? "there are none" : "there are " + known.map(path).joined(separator: ", ")
        throw APIError(.badRequest, "\(told) is no field of this request: \(text)", code: "unknown-field", field: told)
    }

    /// A field as an error names it, e.g. `storage.database`.
    func path(of name: String) -> String { prefix + name }

    /// `nil` where it is absent or null.
    subscript(_ name: String) -> Any? {
        guard let value = fields[name], !(value is NSNull) else { return nil }
        return value
    }

    /// Whether it is there as null.
    func isNull(_ name: String) -> Bool { fields[name] is NSNull }

    /// `nil` where it is absent or null. Throws `APIError` for what is no string.
    func text(_ name: String) throws -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value as? String else {
            throw APIError(.badRequest, "\(path(of: name)) must be a string", code: "wrong-type", field: path(of: name))
        }
        return text
    }

    /// An object in the body; `nil` where it is absent or null. Throws `APIError`, also for a field that is none of `known`.
    func object(_ name: String, _ known: String...) throws -> JSONBody? {
        guard let value = self[name] else { return nil }
        guard let fields = value as? [String: Any] else {
            throw APIError(.badRequest, "\(path(of: name)) must be an object", code: "wrong-type", field: path(of: name))
        }
        return try JSONBody(fields, known, below: path(of: name) + ".")
    }

    /// A list of objects in the body; `nil` where it is absent or null. Throws `APIError`, also for a field of one that is none of `known`.
    func objects(_ name: String, _ known: String...) throws -> [JSONBody]? {
        guard let value = self[name] else { return nil }
        guard let list = value as? [[String: Any]] else {
            throw APIError(.badRequest, "\(path(of: name)) must be a list of objects", code: "wrong-type", field: path(of: name))
        }
        return try list.enumerated().map { place, fields in try JSONBody(fields, known, below: "\(path(of: name))[\(place)].") }
    }

    private static let tooLarge = APIError(.contentTooLarge, "The body may have 64 KiB at most")

    private static func parsed(_ body: ByteBuffer) throws -> [String: Any] {
        let bytes = body.readableBytesView
        // JSON is UTF-8 (RFC 8259, 8.1). The parser takes UTF-16 and -32 for it, too, which have zeros.
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
            throw APIError(.badRequest, "The body is not UTF-8", code: "not-utf-8")
        }
        guard let parsed = try? JSONSerialization.jsonObject(with: Data(bytes)) else {
            throw APIError(.badRequest, "The body is not valid JSON", code: "invalid-json")
        }
        guard let fields = parsed as? [String: Any] else {
            throw APIError(.badRequest, "The body must be a JSON object", code: "invalid-json")
        }
        if let name = RepeatedMember.name(in: bytes) {
            let told = String(name.inOneLine.prefix(100))
            throw APIError(.badRequest, "\(told) is given twice", code: "given-twice", field: told)
        }
        return fields
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
