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
        field("verifyError", backup.verifyError)
        field("untested", backup.untested)
        field("engineVersion", backup.engineVersion)
        field("version", backup.chartVersion?.rawValue)
        field("error", backup.failure?.message)
        field("errorCode", backup.failure?.code)
    }

    /// `link`: of one that is done, where one is given.
    mutating func fields(of export: Export, link: String? = nil) {
        field("id", export.id.rawValue)
        field("backup", export.backup.rawValue)
        field("status", export.status.rawValue)
        field("size", export.contents.map { Int($0.bytes) })
        field("sha256", export.contents?.sha256)
        field("createdAt", export.createdAt)
        field("finishedAt", export.finishedAt)
        field("expiresAt", export.expiresAt)
        if let link { field("link", link) }
        field("error", export.failure?.message)
        field("errorCode", export.failure?.code)
    }

    mutating func fields(of archive: Import) {
        field("id", archive.id.rawValue)
        field("engine", archive.manifest.engine.rawValue)
        field("engineVersion", archive.manifest.engineVersion)
        field("host", archive.manifest.host)
        field("size", Int(archive.bytes))
        field("products", archive.manifest.products)
        field("orders", archive.manifest.orders)
        field("createdAt", archive.createdAt)
        field("expiresAt", archive.expiresAt)
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
