import Postgres
package import StoreDomain

extension SealedText {
    /// Reads a row that has `key_id` and `sealed`.
    init(row: PostgresRow) throws { self.init(key: try row["key_id"], text: try row["sealed"]) }
}

extension StoreRecords {
    /// A store's credentials as they are kept; `nil` before an attempt kept any.
    package func sealedCredentials(of store: StoreID) async throws -> SealedText? {
        try await pool.query("SELECT key_id, sealed FROM store_credentials WHERE store_id = \(store.rawValue)").first.map(
            SealedText.init(row:)
        )
    }

    /// Credentials that another key seals than this, at most `limit`, after that store.
    package func sealedCredentials(notBy key: String, after store: StoreID?, limit: Int) async throws -> [(
        store: StoreID, sealed: SealedText
    )] { try await sealedTexts(in: "store_credentials", notBy: key, after: store, limit: limit) }

    /// Seals anew what nobody changed meanwhile. False: somebody did.
    package func replaceCredentials(of store: StoreID, _ old: SealedText, by new: SealedText) async throws -> Bool {
        try await replace(in: "store_credentials", of: store, old, by: new)
    }

    func sealedTexts(in table: SQL, notBy key: String, after store: StoreID?, limit: Int) async throws -> [(
        store: StoreID, sealed: SealedText
    )] {
        try await pool.query(
            """
            SELECT store_id, key_id, sealed FROM \(table)
            WHERE key_id <> \(key) AND (\(store?.rawValue)::text IS NULL OR store_id > \(store?.rawValue)) ORDER BY store_id LIMIT \(limit)
            """
        ).map { (try $0["store_id"], try SealedText(row: $0)) }
    }

    func replace(in table: SQL, of store: StoreID, _ old: SealedText, by new: SealedText) async throws -> Bool {
        try await !pool.query(
            """
            UPDATE \(table) SET key_id = \(new.key), sealed = \(new.text), sealed_at = clock_timestamp()
            WHERE store_id = \(store.rawValue) AND sealed = \(old.text) RETURNING 1
            """
        ).isEmpty
    }
}
