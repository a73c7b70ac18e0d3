import Postgres
import StoreRecords
import TestSupport
import Testing

@Suite struct SchemaTests {
    @Test("each function in the database is the one in its file, and there are no others") func functions() async throws {
        var written: [String: String] = [:]
        for file in try StoreRecords.schema.get() {
            for match in file.sql.matches(of: /CREATE OR REPLACE FUNCTION (\w+)\([^$]*AS \$\$(.*?)\$\$;/.dotMatchesNewlines()) {
                written[String(match.1)] = String(match.2)
            }
        }
        try await withRecords { records, pool in
            var found: [String: String] = [:]
            for row in try await pool.query("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace") {
                found[try row["proname"]] = try row["prosrc"]
            }
            #expect(found.count > 40)
            #expect(found == written)
            #expect(try await records.pendingSchemaFiles() == [])
            #expect(try await records.schemaIsCurrent())
        }
    }

    @Test("a schema that lacks a file is not current; one with more files is") func current() async throws {
        try await withRecords { records, pool in
            try await pool.query("INSERT INTO schema_files (path, checksum) VALUES ('tables/9999_later', '')")
            #expect(try await records.schemaIsCurrent())
            try await pool.query("DELETE FROM schema_files WHERE path = 'functions/claim_jobs'")
            #expect(try await !records.schemaIsCurrent())
            try await pool.query("DROP TABLE schema_files")
            #expect(try await !records.schemaIsCurrent())
        }
    }

    @Test("applying every function and trigger again changes nothing") func again() async throws {
        let definitions: SQL = """
            SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
            UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY text
            """
        try await withRecords { _, pool in
            let before = try await pool.query(definitions).map { try $0["text"] as String }
            try await pool.query("DELETE FROM schema_files WHERE path LIKE 'functions/%'")
            let applied = try await StoreRecords.migrator.migrate(using: pool)
            #expect(applied.count == (try StoreRecords.schema.get().count { $0.kind == .functions }))
            #expect(try await pool.query(definitions).map { try $0["text"] as String } == before)
        }
    }
}
