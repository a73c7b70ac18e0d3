import Foundation
import Postgres
import StoreDomain

/// How what workers saw stands in `jsonb` columns: as the types encode themselves, dates as seconds since 1970.
enum SnapshotJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// As a `jsonb` parameter.
    static func parameter(_ value: some Encodable) throws -> PostgresJSON { PostgresJSON(try text(value)) }

    static func value<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw StoreRecordsError(code: .unreadableRow, message: "a \(type) is unreadable: \(error)")
        }
    }
}
