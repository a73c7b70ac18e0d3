import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct ListingTests {
    @Test("paging by cursor visits every store once, in each order", arguments: StoreSort.allCases) func paging(sort: StoreSort)
        async throws
    {
        try await withRecords { (records, pool) async throws in
            for number in 0..<23 { _ = try await records.accepted("Store \(["b", "A", "c"][number % 3]) \(number)") }
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
            #expect(try await names(StoreQuery(visibleTo: UserID("bob"))) == ["1000 Wools"])
            #expect(try await names(StoreQuery(statuses: [.ready])) == [])
            #expect(try await names(StoreQuery(engines: [.woocommerce], text: "store-100-wool")) == ["100% Wool"])
        }
    }

    @Test("a cursor that no list gave out is refused", arguments: ["", "x", "bmV3ZXN0", "bmV3ZXN0fGFiY2RlZnwxfA", "🛒"]) func cursors(
        text: String
    ) {
        #expect(StoreCursor(text) == nil)
    }

    @Test("a cursor's time is one that PostgreSQL can reckon with") func farCursors() {
        func cursor(_ microseconds: String) -> StoreCursor? {
            let base64 = Data("newest|a00000000007|\(microseconds)|".utf8).base64EncodedString()
            return StoreCursor(base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))
        }
        #expect(cursor("1795000000000000") != nil)
        #expect(cursor("9223372036854775807") == nil && cursor("-9223372036854775808") == nil && cursor("253402300800000000") == nil)
    }
}
