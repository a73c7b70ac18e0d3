import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Testing

@Suite struct UsageTests {
    private static let csv: HTTPFields = ChangeTests.ada + [.accept: "text/csv, application/json;q=0.5"]

    private func withUsage(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await withAPI { client, api in
            try await api.execute(
                """
                INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at, ended_at) VALUES
                ('a00000000001', 'ada', 'one', 'small', true, 10240, 0, '2025-01-31T22:00:00Z', '2025-02-01T03:00:00Z'),
                ('b00000000002', 'eve', 'two', 'large', true, 10240, 0, '2025-01-31T22:00:00Z', '2025-02-01T03:00:00Z')
                """
            )
            try await body(client)
        }
    }

    private func get(_ client: any TestClientProtocol, _ query: String, _ headers: HTTPFields = ChangeTests.ada) async throws
        -> TestResponse
    {
        try await client.executeRequest(uri: "/api/usage\(query)", method: .get, headers: headers, body: nil)
    }

    @Test("one's own usage is told by month, as JSON and as CSV") func own() async throws {
        try await withUsage { client in
            let rows = try #require(try await get(client, "?from=2025-01&to=2025-03").object["usage"] as? [[String: Any]])
            #expect(rows.map { $0["month"] as? String } == ["2025-01", "2025-02"])
            #expect(rows.allSatisfy { $0["owner"] as? String == "ada" && $0["store"] is NSNull })
            #expect(rows.map { ($0["awakeHours"] as? [String: Double])?["small"] } == [2, 3])
            #expect(rows.map { $0["volumeGiBHours"] as? Double } == [20, 30])

            let sheet = try await get(client, "?from=2025-01-31T23:00:00Z&to=2025-02-01&by=store", Self.csv)
            #expect(sheet.headers[.contentType]?.hasPrefix("text/csv") == true && sheet.headers[.vary]?.contains("Accept") == true)
            let lines = String(buffer: sheet.body).split(separator: "\r\n")
            #expect(lines.count == 2 && lines[1] == "2025-01,ada,a00000000001,one,1,0,0,0,0,0,10,0")

            let now = try await get(client, "").object
            #expect((now["usage"] as? [Any])?.isEmpty == true && (now["from"] as? String)?.contains("-01T00:00:00") == true)
        }
    }

    @Test(
        "a span that cannot be is refused by its parameter",
        arguments: [
            ("?from=2025-13", "from"), ("?from=soon", "from"), ("?from=2025-02&to=2025-01", "to"), ("?from=2024-01&to=2025-06", "from"),
            ("?by=plan", "by"), ("?month=2025-01", "month"),
        ]
    )
    func refused(query: String, field: String) async throws {
        try await withUsage { client in
            let answer = try await get(client, query)
            #expect(answer.status == .badRequest && answer.object["field"] as? String == field)
        }
    }
}
