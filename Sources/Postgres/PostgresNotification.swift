import CLibpq

/// What NOTIFY sent. A hint to read the table: notifications sent while no connection listened are gone.
package struct PostgresNotification: Sendable, Equatable {
    package let channel: String
    /// At most 8,000 bytes.
    package let payload: String
}

extension PostgresHandle {
    func nextNotification() -> PostgresNotification? {
        guard let raw = unsafe PQnotifies(raw) else { return nil }
        defer { unsafe PQfreemem(raw) }
        return unsafe PostgresNotification(channel: String(cString: raw.pointee.relname), payload: String(cString: raw.pointee.extra))
    }
}
