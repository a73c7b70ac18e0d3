import Postgres
import StoreDomain

extension PostgresRow {
    /// A store's id. Throws `StoreRecordsError` for a text that no store can have as its id.
    func storeID(_ column: String = "id") throws -> StoreID {
        guard let id = StoreID(try self[column]) else {
            throw StoreRecordsError(code: .unreadableRow, message: "a store has an unreadable id")
        }
        return id
    }
}
