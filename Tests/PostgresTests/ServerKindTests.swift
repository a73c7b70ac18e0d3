import Foundation
import NIOCore
import NIOPosix
import Testing
import TestSupport

@testable import Postgres

@Suite(.timeLimit(.minutes(20))) struct ServerKindTests {
    private func url(of configuration: PostgresConfiguration, _ more: String) -> String { configuration.url + "&" + more }

    @Test("what the URI's options set counts more than ours, and what answers are read by stays") func options() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let own = try PostgresConfiguration(
                url: url(of: configuration, "options=-c%20statement_timeout%3D7s%20-c%20search_path%3Delsewhere"),
                applicationName: "tests"
            )
            let connection = try await PostgresConnection.open(own)
            let row = try #require(
                try await connection.query(
                    "SELECT current_setting('statement_timeout') AS a, current_setting('search_path') AS b, current_setting('lock_timeout') AS c"
                )
                .first
            )
            #expect(try (row["a"], row["b"], row["c"]) as (String, String, String) == ("7s", "elsewhere", "5s"))
            await connection.close()
            for name in ["TimeZone", "DateStyle"] {
                #expect {
                    try PostgresConfiguration(url: url(of: configuration, "options=-c%20\(name)%3Dx"), applicationName: "tests")
                } throws: { "\($0)".contains("TimeZone") }
            }
        }
    }

    @Test("a database that is read-only is told as that, and not as away") func readOnly() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            let name: String = try #require(try await connection.query("SELECT current_database() AS name").first)["name"]
            try await connection.execute("ALTER DATABASE \(name) SET default_transaction_read_only = on")
            await connection.close()
            await #expect { try await PostgresConnection.open(configuration) } throws: { error in
                (error as? PostgresError)?.isReadOnly == true && (error as? PostgresError)?.problem?.contains("read-only") == true
            }
        }
    }

    @Test("of two addresses one may be silent") func silentAddress() async throws {
        // Takes connections and says nothing.
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        try await TestDatabases.withDatabase { configuration async throws in
            let parts = try #require(URLComponents(string: configuration.url))
            let folder = try #require(parts.queryItems?.first { $0.name == "host" }?.value)
            let two = try PostgresConfiguration(
                url: "postgresql://storeweaver@\(parts.path)?host=127.0.0.1,\(folder)&port=\(port),5432",
                applicationName: "tests"
            )
            #expect(two.hosts.count == 2)
            for _ in 1...2 {
                let connection = try await PostgresConnection.open(two, deadline: .seconds(4))
                #expect(try await connection.query("SELECT 1 AS one").count == 1)
                await connection.close()
            }
        }
        try await silent.close()
    }

    @Test("a server that gives each session its own process pools no transactions") func direct() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            try await pool.refuseTransactionPooling()
            await pool.close()
        }
    }
}
