import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Archives that people send, and stores that are made of them.
@Suite struct ImportTests {
    private func manifest(databaseBytes: Int64 = 1, fileBytes: Int64 = 0) -> ArchiveManifest {
        ArchiveManifest(
            engine: .woocommerce,
            engineVersion: nil,
            chartVersion: nil,
            host: nil,
            adminRevision: 0,
            databaseBytes: databaseBytes,
            fileBytes: fileBytes,
            products: 0,
            orders: 0
        )
    }

    private func sent(_ records: StoreRecords, databaseBytes: Int64 = 1, fileBytes: Int64 = 0, bytes: Int64 = 2_048) async throws
        -> ArchiveID
    {
        let id = ArchiveID.random()
        guard case .begun = try await records.beginImport(id, owner: UserID("ada"), bytes: 2_048, limit: 1 << 40) else {
            throw TestSupportError(message: "not begun")
        }
        let manifest = manifest(databaseBytes: databaseBytes, fileBytes: fileBytes)
        guard let made = try await records.endImport(id, bytes: bytes, manifest, by: tester) else {
            throw TestSupportError(message: "not ended")
        }
        return made.id
    }

    private func create(_ records: StoreRecords, of archive: ArchiveID) async throws -> CreateOutcome {
        let request = NewStore(name: try StoreName("Acme"), engine: .woocommerce, owner: UserID("ada"), source: .archive(archive))
        return try await records.create(request, limits: roomy)
    }

    @Test("an import that is over makes no store, though its row is there yet; one that is not stays for an hour more") func over()
        async throws
    {
        try await withRecords { records, pool in
            let archive = try await sent(records)
            try await pool.query("UPDATE imports SET expires_at = now() - interval '1 second'")
            guard case .noBackup = try await create(records, of: archive) else { throw TestSupportError(message: "a store was made") }
            #expect(try await records.isExpired(archive))
            try await pool.query("UPDATE imports SET expires_at = now() + interval '1 minute'")
            guard case .accepted = try await create(records, of: archive) else { throw TestSupportError(message: "no store was made") }
            #expect(try await pool.query("SELECT expires_at > now() + interval '50 minutes' AS later FROM imports").first?["later"] == true)
        }
    }

    @Test("what nobody goes on sending counts for ten minutes, and is no import even if it comes to its end") func abandoned() async throws
    {
        try await withRecords { records, pool in
            func begin() async throws -> (ArchiveID, String) {
                let id = ArchiveID.random()
                return (id, "\(try await records.beginImport(id, owner: UserID("ada"), bytes: 1, limit: 1 << 40))")
            }
            // Two APIs died in the middle.
            let (first, second) = (try await begin().0, try await begin().0)
            #expect(try await begin().1 == "tooMany")
            try await pool.query("UPDATE imports SET expires_at = expires_at - interval '9 minutes'")
            try await records.renewImport(second)
            try await pool.query("UPDATE imports SET expires_at = expires_at - interval '2 minutes'")
            try await records.renewImport(first)
            #expect(try await records.isExpired(first))
            #expect(try await !records.isExpired(second))
            #expect(try await begin().1 == "begun")
            #expect(try await records.endImport(first, bytes: 1, manifest(), by: tester) == nil)
            #expect(try await records.endImport(second, bytes: 1, manifest(), by: tester)?.id == second)
        }
    }

    @Test("an owner sends twice the longest archive within a day, and two at a time; what was given up counts no more") func budget()
        async throws
    {
        try await withRecords { records, _ in
            func begin(_ bytes: Int64, _ owner: String = "ada") async throws -> (ArchiveID, String) {
                let id = ArchiveID.random()
                return (id, "\(try await records.beginImport(id, owner: UserID(owner), bytes: bytes, limit: 4_096))")
            }
            _ = try await sent(records)
            #expect(try await begin(6_145).1 == "tooMuch")
            let (first, outcome) = try await begin(4_096)
            #expect(outcome == "begun")
            // The first one may become as long as one may be.
            #expect(try await begin(2_049).1 == "tooMuch")
            let second = try await begin(2_048)
            #expect(second.1 == "begun")
            #expect(try await begin(1).1 == "tooMany")
            #expect(try await begin(4_096, "bob").1 == "begun")
            try await records.giveUpImport(first)
            try await records.giveUpImport(second.0)
            #expect(try await begin(4_096).1 == "begun")
        }
    }

    @Test("a store has room for what it is made of, as far as the archive is long; a small one has the usual volumes") func room()
        async throws
    {
        try await withRecords { records, _ in
            func sizes(_ database: Int64, _ files: Int64, _ bytes: Int64) async throws -> [Int?] {
                let archive = try await sent(records, databaseBytes: database, fileBytes: files, bytes: bytes)
                guard case .accepted(let store, _) = try await create(records, of: archive) else {
                    throw TestSupportError(message: "no store was made")
                }
                return [store.spec.database?.mebibytes, store.spec.uploads?.mebibytes]
            }
            let (small, large, untrue) = (
                try await sizes(1 << 30, 1 << 20, 2 << 30), try await sizes(4 << 30, 8 << 30, 13 << 30),
                try await sizes(1 << 50, 1 << 50, 3 << 30)
            )
            #expect(small == [nil, nil])
            #expect(large == [8_704, 16_896])
            #expect(untrue == [6_656, 6_656])
        }
    }
}
