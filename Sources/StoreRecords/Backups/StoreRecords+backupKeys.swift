import Postgres
package import StoreDomain

/// The passwords of stores' repositories, sealed.
extension StoreRecords {
    /// `nil` before a backup of the store was begun.
    package func backupKey(of store: StoreID) async throws -> SealedText? {
        try await pool.query("SELECT key_id, sealed FROM backup_keys WHERE store_id = \(store.rawValue)").first.map(SealedText.init(row:))
    }

    /// The first one wins: the repository has no other. Returns the one that is kept.
    package func keepBackupKey(_ sealed: SealedText, of store: StoreID) async throws -> SealedText {
        let row = try await one(
            """
            INSERT INTO backup_keys AS k (store_id, key_id, sealed) VALUES (\(store.rawValue), \(sealed.key), \(sealed.text))
            ON CONFLICT (store_id) DO UPDATE SET key_id = k.key_id RETURNING k.key_id, k.sealed
            """
        )
        return try SealedText(row: row)
    }

    /// Those that another key seals than this, at most `limit`, after that store.
    package func sealedBackupKeys(notBy key: String, after store: StoreID?, limit: Int) async throws -> [(
        store: StoreID, sealed: SealedText
    )] {
        try await sealedTexts(in: "backup_keys", notBy: key, after: store, limit: limit)
    }

    /// All of them, at most `limit`, after that store.
    package func backupKeys(after store: StoreID?, limit: Int) async throws -> [(store: StoreID, sealed: SealedText)] {
        // No key has no name.
        try await sealedTexts(in: "backup_keys", notBy: "", after: store, limit: limit)
    }

    /// Seals anew what nobody changed meanwhile. False: somebody did.
    package func replaceBackupKey(of store: StoreID, _ old: SealedText, by new: SealedText) async throws -> Bool {
        try await replace(in: "backup_keys", of: store, old, by: new)
    }
}
