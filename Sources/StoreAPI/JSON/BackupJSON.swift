import StoreDomain
import StoreRecords

/// Backups and what is kept of deleted stores, as clients know them.
extension JSONWriter {
    mutating func fields(of backup: Backup) {
        let contents = backup.contents
        field("id", backup.id.rawValue)
        field("kind", backup.kind.rawValue)
        field("status", backup.status.rawValue)
        field("size", contents.map { Int($0.databaseBytes + $0.fileBytes) })
        field("databaseBytes", contents.map { Int($0.databaseBytes) })
        field("fileBytes", contents.map { Int($0.fileBytes) })
        field("products", contents?.products)
        field("orders", contents?.orders)
        field("createdAt", backup.createdAt)
        field("finishedAt", backup.finishedAt)
        field("verifiedAt", backup.verifiedAt)
        field("engineVersion", backup.engineVersion)
        field("version", backup.chartVersion?.rawValue)
        field("error", backup.failure?.message)
        field("errorCode", backup.failure?.code)
    }

    mutating func fields(of store: DeletedStore) {
        field("id", store.id.rawValue)
        field("name", store.name.rawValue)
        field("engine", store.engine.rawValue)
        field("plan", store.plan.rawValue)
        field("userId", store.owner?.rawValue)
        field("deletedAt", store.deletedAt)
        field("keptUntil", store.keptUntil)
        object("backup") { $0.fields(of: store.backup) }
    }
}
