import Postgres
import StoreDomain
import StoreRecords
import Testing

@Suite struct ListingTests {
    @Test("paging by cursor visits every store once, in each order", arguments: StoreSort.allCases) func paging(sort: StoreSort)
        async throws
    {
        try await withRecords { (records, pool) async throws in
            for number in 0..<23 { _ = try await records.accepted("Shop \(["b", "A", "c"][number % 3]) \(number)") }
            try await pool.query("UPDATE stores SET status = 'failed' WHERE name LIKE '%A%'")
            let whole = try await records.list(StoreQuery(sort: sort)).stores.map(\.id)
            #expect(whole.count == 23)
            var paged: [StoreID] = []
            var query = StoreQuery(sort: sort, limit: 5)
            repeat {
                let page = try await records.list(query)
                paged += page.stores.map(\.id)
                query.after = try page.next.map { try #require(StoreCursor($0.text)) }
            } while query.after != nil
            #expect(paged == whole)
        }
    }

    @Test("filters narrow, and text is text even when it looks like a pattern") func filters() async throws {
        try await withRecords { (records, _) async throws in
            _ = try await records.accepted("100% Wool")
            _ = try await records.accepted("1000 Wools", owner: "bob")
            func names(_ query: StoreQuery) async throws -> [String] { try await records.list(query).stores.map(\.name.rawValue) }
            #expect(try await names(StoreQuery(text: "100%")) == ["100% Wool"])
            #expect(try await names(StoreQuery(text: "WOOLS")) == ["1000 Wools"])
            #expect(try await names(StoreQuery(owner: UserID("bob"))) == ["1000 Wools"])
            #expect(try await names(StoreQuery(statuses: [.ready])) == [])
            #expect(try await names(StoreQuery(engines: [.woocommerce], text: "store-100-wool")) == ["100% Wool"])
        }
    }

    @Test("a cursor that no list gave out is refused", arguments: ["", "x", "bmV3ZXN0", "bmV3ZXN0fGFiY2RlZnwxfA", "🛒"]) func cursors(
        text: String
    ) {
        #expect(StoreCursor(text) == nil)
    }
}
