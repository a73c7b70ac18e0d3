import Foundation
import StoreDomain

/// `NamespaceSnapshot` as it stands in `store_snapshots.body`; dates are seconds since 1970.
extension NamespaceSnapshot {
    init(json: String) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        do {
            self = try decoder.decode(NamespaceSnapshot.self, from: Data(json.utf8))
        } catch {
            throw StoreRecordsError(code: .unreadableRow, message: "a namespace snapshot is unreadable: \(error)")
        }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
