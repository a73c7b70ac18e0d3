import Postgres
package import StoreDomain

/// What is told to whoever asks for a store's host while the store does not serve.
package struct HostedStore: Sendable, Equatable {
    package let name: StoreName
    package let status: StoreStatus
    package let isAsleep: Bool
    package let activity: StoreActivity?
}

extension StoreRecords {
    /// Seven columns and three of domains alone, for a role that may read no others.
    private static let storeByHost = ReadStatement(
        """
        SELECT s.name, s.status, s.asleep, s.activity FROM stores s
        WHERE s.host = $1 AND s.deleted_at IS NULL AND s.status <> 'deleting'
        UNION ALL
        SELECT s.name, s.status, s.asleep, s.activity FROM domains d JOIN stores s ON s.id = d.store_id
        WHERE d.host = $1 AND d.state <> 'pending' AND s.deleted_at IS NULL AND s.status <> 'deleting'
        LIMIT 1
        """
    )

    /// The store that is reached at `host`, in lower case, be it of ours or one that its owner has proved; `nil` where none is, or is being deleted.
    package func store(atHost host: String) async throws -> HostedStore? {
        try await pool.read(Self.storeByHost, [host]) { cells in
            guard cells.rowCount > 0 else { return nil }
            let row = cells.cells(0)
            let name = try? StoreName(row[0].text ?? "")
            guard let name, let status = row[1].word(as: StoreStatus.self) else {
                throw StoreRecordsError(code: .unreadableRow, message: "the store at \(host) has an unreadable name or status")
            }
            return HostedStore(name: name, status: status, isAsleep: try row[2].boolean, activity: row[3].word(as: StoreActivity.self))
        }
    }
}
