package import struct Foundation.Date
import Postgres
package import StoreDomain

/// Certificates with their keys, sealed, of hosts whose stores are gone.
extension StoreRecords {
    /// In place of what was kept of the host. Whose it is: the store's owner's.
    package func keepCertificate(_ sealed: SealedText, of host: String, store: StoreID, until end: Date) async throws {
        _ = try await pool.query(
            """
            INSERT INTO kept_certificates (host, store_id, owner, key_id, sealed, valid_until)
            SELECT \(host), s.id, s.owner, \(sealed.key), \(sealed.text), \(end) FROM stores s WHERE s.id = \(store.rawValue)
            ON CONFLICT (host) DO UPDATE SET store_id = excluded.store_id, owner = excluded.owner, key_id = excluded.key_id,
                sealed = excluded.sealed, valid_until = excluded.valid_until
            """
        )
    }

    /// What another key seals is kept no longer.
    package func dropCertificates(notBy key: String) async throws {
        _ = try await pool.query("DELETE FROM kept_certificates WHERE key_id <> \(key)")
    }

    /// What is kept of the host for this store's owner, while it lasts for two weeks at least. `store`: for which it was sealed.
    package func keptCertificate(of host: String, for store: StoreID) async throws -> (sealed: SealedText, store: StoreID)? {
        let row = try await pool.query(
            """
            SELECT k.store_id, k.key_id, k.sealed FROM kept_certificates k JOIN stores s ON s.id = \(store.rawValue)
            WHERE k.host = \(host) AND k.owner IS NOT DISTINCT FROM s.owner AND k.valid_until > clock_timestamp() + interval '14 days'
            """
        ).first
        guard let row else { return nil }
        return (SealedText(key: try row["key_id"], text: try row["sealed"]), try row["store_id"])
    }
}
