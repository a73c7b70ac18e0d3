import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Testing

/// The browsers in which somebody is signed in.
@Suite struct OwnSessionTests {
    private func sessions(_ browser: Browser) async throws -> [[String: Any]] {
        let answer = try await browser.send(.get, "/api/auth/sessions")
        return try #require(answer.object["sessions"] as? [[String: Any]])
    }

    @Test("one sees where one is signed in, and ends another session, or all others, and not the one that asks") func ending() async throws
    {
        try await withAPI(Browser.accounts) { client, api in
            let (one, other, third, eve) = (Browser(client), Browser(client), Browser(client), Browser(client))
            try await one.signUp("ada@example.org")
            for browser in [other, third] { try await browser.signIn("ada@example.org") }
            try await eve.signUp("eve@example.org")
            let listed = try await sessions(one)
            #expect(listed.count == 3 && listed.filter { $0["current"] as? Bool == true }.count == 1)
            let mine = try #require(listed.first { $0["current"] as? Bool == true }?["id"] as? String)
            let others = try await sessions(other).first { $0["current"] as? Bool == true }?["id"] as? String
            let its = try #require(others)

            let own = try await one.send(.delete, "/api/auth/sessions/\(mine)")
            #expect(own.status == .conflict && own.object["code"] as? String == "current-session")
            #expect(try await eve.send(.delete, "/api/auth/sessions/\(its)").status == .notFound, "nobody ends another's")
            #expect(try await one.send(.delete, "/api/auth/sessions/x").status == .notFound)
            #expect(try await one.send(.delete, "/api/auth/sessions/\(its)", antiForgery: nil).status == .forbidden)
            #expect(try await one.send(.delete, "/api/auth/sessions/\(its)").status == .ok)
            #expect(try await other.send(.post, "/api/auth/refresh").status == .unauthorized)
            #expect(try await third.send(.post, "/api/auth/refresh").status == .ok)

            try await other.signIn("ada@example.org")
            let rest = try await one.send(.delete, "/api/auth/sessions")
            #expect(rest.status == .ok && rest.object["ended"] as? Int == 2)
            #expect(try await sessions(one).map { $0["id"] as? String } == [mine])
            for browser in [other, third] { #expect(try await browser.send(.post, "/api/auth/refresh").status == .unauthorized) }
            #expect(try await eve.send(.post, "/api/auth/refresh").status == .ok)
            let lines = try await api.pool.query("SELECT actor, target FROM audit WHERE action = 'account.session-end'")
            #expect(try lines.map { try $0["actor"] as String } == Array(repeating: "ada@example.org", count: 3))
        }
    }
}
