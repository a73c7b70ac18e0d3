import Foundation
import Postgres
import StoreRecords
import TestSupport
import Testing

@Suite struct ForeignTextTests {
    @Test(
        "JSON with the escape of NUL is taken without it; what only looks like it stays",
        arguments: [
            (#"{"a":"x\u0000y"}"#, #"{"a":"xy"}"#), (#"{"a":"\\u0000"}"#, #"{"a":"\\u0000"}"#), (#"{"a":"\\\u0000"}"#, #"{"a":"\\"}"#),
            (#"{"a":"\u0000\u0000\u0001\""}"#, #"{"a":"\u0001\""}"#), (#"{"\u0000":1}"#, #"{"":1}"#),
        ]
    )
    func withoutNUL(json: String, expected: String) { #expect(PostgresJSON(json).postgresText == expected) }

    @Test("any JSON that an encoder wrote is a jsonb") func fuzz() async throws {
        try await TestDatabases.withDatabase { (configuration) async throws in
            let pool = PostgresPool(configuration: configuration)
            let samples = ["bad \0 end", #"\u0000"#, #"\\u0000"#, #"\ "#, "\u{1b}[0m"]
            for bytes in Fuzzer.cases("JSON", samples: samples, count: 400) {
                let text = String(decoding: bytes, as: UTF8.self)
                let json = PostgresJSON(String(decoding: try JSONEncoder().encode([text]), as: UTF8.self))
                let kept: String? = try await pool.query("SELECT \(json)::jsonb ->> 0 AS kept").first?["kept"]
                #expect(kept == text.replacing("\0", with: ""))
            }
            await pool.close()
        }
    }

    @Test("a refusal of values is known as one that lasts", arguments: [("1/0", true), ("pg_sleep('x')", true), ("nothing()", false)])
    func refusals(expression: String, lasts: Bool) async throws {
        try await TestDatabases.withDatabase { (configuration) async throws in
            let pool = PostgresPool(configuration: configuration)
            await #expect { try await pool.query("SELECT \(SQL(unsafe: expression))") } throws: {
                ($0 as? PostgresError)?.isRefusalOfValues == lasts
            }
            await pool.close()
        }
    }

    @Test("a database of another encoding is refused, with what to do, by whoever connects", arguments: ["LATIN1", "SQL_ASCII"])
    func encoding(name: String) async throws {
        try await TestDatabases.withDatabase(encoding: name) { (configuration) async throws in
            let pool = PostgresPool(configuration: configuration)
            await #expect { try await StoreRecords.migrator.migrate(using: pool) } throws: {
                ($0 as? PostgresError)?.code == .configuration && "\($0)".contains(name) && "\($0)".contains("UTF8")
            }
            await #expect(throws: PostgresError.self) { try await StoreRecords(pool: pool).checkDatabase() }
            await pool.close()
        }
    }
}
