import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

/// What the page asks for at the address of one store.
@Suite struct StorePageTests {
    private static let environment = Browser.accounts.merging(["ADMIN_TOKEN": AdminTests.token]) { $1 }
    private static let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]

    private static func entries(_ response: TestResponse) -> [[String: Any]] { response.object["entries"] as? [[String: Any]] ?? [] }

    @Test("a store is found by its slug, by whoever may see it") func slug() async throws {
        try await withAPI(Self.environment) { client, _ in
            let (ada, eve) = (Browser(client), Browser(client))
            try await ada.signUp("ada@example.org")
            try await eve.signUp("eve@example.org")
            for name in ["Acme", "Acme Two"] {
                #expect(try await ada.send(.post, "/api/stores", ["name": name, "engine": "medusa"]).status == .accepted)
            }
            func names(_ response: TestResponse) -> [String] {
                (response.object["stores"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            }
            #expect(names(try await ada.send(.get, "/api/stores?slug=acme")) == ["Acme"])
            #expect(names(try await ada.send(.get, "/api/stores?slug=acme-two")) == ["Acme Two"])
            #expect(names(try await ada.send(.get, "/api/stores?slug=acme-three")) == [])
            #expect(names(try await eve.send(.get, "/api/stores?slug=acme")) == [])
            #expect(try await ada.send(.get, "/api/stores?slug=No_Slug").status == .badRequest)
        }
    }

    @Test("at an address that nothing has, a browser gets the page and a program JSON") func nowhere() async throws {
        try await withAPI { client, _ in
            func ask(_ path: String, _ accept: String) async throws -> TestResponse {
                try await client.executeRequest(uri: path, method: .get, headers: [.accept: accept], body: nil)
            }
            let browser = "text/html,application/xhtml+xml,*/*;q=0.8"
            let page = try await ask("/", browser)
            let lost = try await ask("/sotres/acme", browser)
            #expect(lost.status == .notFound && lost.body == page.body)
            #expect(lost.headers[.contentType] == "text/html; charset=utf-8" && lost.headers[.contentSecurityPolicy] != nil)
            for (path, accept) in [("/sotres/acme", "*/*"), ("/sotres/acme", "application/json"), ("/api/sotres", browser)] {
                let refused = try await ask(path, accept)
                #expect(refused.status == .notFound && refused.error == "No such route", "\(path) \(accept)")
            }
        }
    }

    @Test("its owner reads what was done with it; others who did something have no name there") func activity() async throws {
        try await withAPI(Self.environment) { client, api in
            let (ada, eve) = (Browser(client), Browser(client))
            try await ada.signUp("ada@example.org")
            try await eve.signUp("eve@example.org")
            let made = try await ada.send(.post, "/api/stores", ["name": "Acme", "engine": "medusa"])
            let id = try #require(made.store["id"] as? String)
            let path = "/api/stores/\(id)/activity"
            #expect(try await ada.send(.patch, "/api/stores/\(id)", ["awakeSchedule": "Mo-Fr 08:00-20:00 Europe/Berlin"]).status == .ok)
            // What was refused is for the audit alone.
            #expect(try await eve.send(.post, "/api/stores/\(id)/credentials/reveal").status == .notFound)
            #expect(try await Browser(client).send(.delete, "/api/stores/\(id)", headers: Self.installation).status == .accepted)

            let told = Self.entries(try await ada.send(.get, path))
            #expect(told.map { $0["action"] as? String } == ["store.delete", "store.change", "store.create"])
            #expect(told.map { $0["actor"] as? String } == [nil, "ada@example.org", "ada@example.org"])
            #expect(told[1]["detail"] as? String == "awake Mo-Fr 08:00-20:00 Europe/Berlin")
            #expect(told.allSatisfy { $0["address"] == nil && $0["target"] == nil })
            let all = Self.entries(try await Browser(client).send(.get, path, headers: Self.installation))
            #expect(all.map { $0["actor"] as? String } == ["operator", "ada@example.org", "ada@example.org"])

            let page = try await ada.send(.get, path + "?limit=2")
            let before = try #require(page.object["nextBefore"] as? Int)
            let rest = try await ada.send(.get, path + "?limit=2&before=\(before)")
            #expect(Self.entries(page).count == 2 && Self.entries(rest).count == 1 && rest.object["nextBefore"] == nil)
            #expect(try await eve.send(.get, path).status == .notFound)
        }
    }
}
