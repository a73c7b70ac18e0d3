import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Identity
import NIOCore
import Postgres
import Program
import Sealing
import StoreDomain
import StoreRecords
import Testing

@Suite struct AccountTests {
    @Test("two people sign up and neither sees, guesses nor touches the other's store") func twoPeople() async throws {
        try await withAPI(Browser.accounts) { client, _ in
            let (ada, eve) = (Browser(client), Browser(client))
            let adas = try await ada.signUp("ada@example.org")
            try await eve.signUp("eve@example.org")
            let made = try await ada.send(.post, "/api/stores", ["name": "Acme", "engine": "medusa"])
            #expect(made.status == .accepted)
            #expect(made.store["userId"] as? String == adas)
            let id = try #require(made.store["id"] as? String)
            let address = "/api/stores/\(id)"
            for path in [address, address + "/status", address + "/detail", address + "/events", address + "/logs", address + "/log"] {
                #expect(try await eve.send(.get, path).status == .notFound, "\(path)")
            }
            #expect(try await eve.send(.delete, address).status == .notFound)
            #expect(try await eve.send(.post, address + "/retry").status == .notFound)
            #expect(try await eve.listed("/api/stores") == 0)
            // Whoever says so in a header is nobody here.
            let stranger = try await Browser(client).send(.get, address, headers: [.init("X-User-Id")!: adas])
            #expect(stranger.status == .unauthorized)
            #expect(try await ada.send(.get, address).status == .ok)
        }
    }

    @Test("a session changes nothing without its page's token") func forgery() async throws {
        try await withAPI(Browser.accounts) { client, _ in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let body = ["name": "Acme", "engine": "medusa"]
            for token in [nil, "", "0000"] {
                let refused = try await ada.send(.post, "/api/stores", body, antiForgery: token)
                #expect(refused.status == .forbidden)
            }
            #expect(try await ada.send(.post, "/api/stores", body).status == .accepted)
            let eve = Browser(client)
            try await eve.signUp("eve@example.org")
            #expect(try await ada.send(.post, "/api/stores", body, antiForgery: eve.antiForgery).status == .forbidden)
        }
    }

    @Test("a forgotten password is set anew by the last link that was mailed, once, and every session ends") func forgotten() async throws {
        let keys = "k1:" + Data(repeating: 5, count: 32).base64EncodedString()
        let mail = [
            "CHANNEL_KEYS": keys, "SMTP_HOST": "mail.example.com", "SMTP_FROM": "weaver@example.com",
            "DASHBOARD_URL": "https://weaver.example",
        ]
        try await withAPI(Browser.accounts.merging(mail) { $1 }) { client, api in
            let (ada, stranger) = (Browser(client), Browser(client))
            try await ada.signUp("Ada@example.org")
            #expect(try await stranger.send(.get, "/api/auth/session").object["forgotten"] as? Bool == true)
            let made = try await ada.send(.post, "/api/auth/tokens", ["name": "a script", "scopes": ["stores:read"]])
            let token = try #require(made.object["secret"] as? String)
            #expect(try await client.execute(uri: "/api/me", method: .get, headers: [.authorization: "Bearer \(token)"]).status == .ok)
            func ask(_ email: String) async throws -> TestResponse {
                try await stranger.send(.post, "/api/auth/forgotten", ["email": email])
            }
            // Whether there is such an account cannot be seen.
            let (known, unknown) = (try await ask("ada@example.org"), try await ask("nobody@example.org"))
            #expect(known.status == .accepted && known.object as NSDictionary == unknown.object as NSDictionary)
            #expect(try await ask("ada@example.org").status == .accepted)
            func links() async throws -> [String] {
                let seal = ChannelSeal(ring: try KeyRing(keys, setting: "CHANNEL_KEYS"))
                return try await api.pool.query("SELECT id, key_id, sealed FROM letters ORDER BY ends_at").map { row in
                    let letter = try seal.open(SealedText(key: try row["key_id"], text: try row["sealed"]), ofLetter: try row["id"])
                    #expect(letter.to == "Ada@example.org", "as the account has it")
                    let text = try #require(letter.text.firstMatch(of: /https:\/\/weaver\.example\/#reset=(\S+)/)?.1)
                    return String(text)
                }
            }
            #expect(try await links().count == 1, "one in five minutes, and none for who is nobody")
            let first = try await links()[0]
            try await api.pool.query("UPDATE password_resets SET created_at = created_at - interval '6 minutes'")
            #expect(try await ask("ADA@example.org").status == .accepted)
            let last = try #require(try await links().last)
            func reset(_ token: String, _ password: String = "another horse") async throws -> TestResponse {
                try await stranger.send(.post, "/api/auth/reset", ["token": token, "password": password])
            }
            let guessed = String(last.dropLast()) + (last.hasSuffix("0") ? "1" : "0")
            for token in [first, guessed, "swp_", ""] {
                let refused = try await reset(token)
                #expect(refused.status == .notFound && refused.object["code"] as? String == "link-not-valid", "\(token)")
            }
            #expect(try await reset(last, "short").object["field"] as? String == "password")
            #expect(try await reset(last).status == .ok)
            #expect(try await reset(last).status == .notFound, "once")
            #expect(
                try await client.execute(uri: "/api/me", method: .get, headers: [.authorization: "Bearer \(token)"]).status == .unauthorized
            )
            #expect(try await ada.send(.post, "/api/auth/refresh").status == .unauthorized)
            let old: [String: Any] = ["email": "ada@example.org", "password": "correct horse"]
            #expect(try await stranger.send(.post, "/api/auth/sign-in", old).status == .unauthorized)
            try await stranger.signIn("ada@example.org", password: "another horse")
            let rows = try await api.pool.query(
                "SELECT action FROM audit WHERE action IN ('account.forgotten', 'account.password') ORDER BY id"
            )
            #expect(try rows.map { try $0["action"] as String } == ["account.forgotten", "account.forgotten", "account.password"])
        }
    }

    @Test("a link is over after an hour, and a disabled account gets none") func forgottenLate() async throws {
        let mail = [
            "CHANNEL_KEYS": "k1:" + Data(repeating: 5, count: 32).base64EncodedString(), "SMTP_HOST": "mail.example.com",
            "SMTP_FROM": "weaver@example.com", "DASHBOARD_URL": "https://weaver.example",
        ]
        try await withAPI(Browser.accounts.merging(mail) { $1 }) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let link = SecretToken.random(.passwordReset)
            func write(_ reference: TokenReference) async throws {
                let address = try #require(MailAddress("ada@example.org"))
                let sealed = SealedText(key: "k1", text: "x")
                try await StoreRecords(pool: api.pool).askPasswordReset(
                    address,
                    link: reference,
                    letter: RandomToken.make(),
                    sealed: sealed,
                    address: nil
                )
            }
            try await write(link.reference)
            try await api.pool.query("UPDATE password_resets SET expires_at = clock_timestamp()")
            #expect(try await ada.send(.post, "/api/auth/reset", ["token": link.text, "password": "another horse"]).status == .notFound)
            try await api.pool.query("DELETE FROM password_resets")
            try await api.pool.query("UPDATE accounts SET disabled_at = clock_timestamp()")
            try await write(SecretToken.random(.passwordReset).reference)
            #expect(try await api.pool.query("SELECT 1 FROM password_resets").isEmpty)
        }
        try await withAPI(Browser.accounts) { client, _ in
            let answer = try await Browser(client).send(.post, "/api/auth/forgotten", ["email": "ada@example.org"])
            #expect(answer.status == .forbidden && answer.object["code"] as? String == "no-mail")
        }
    }

    @Test("another site signs nobody in or out") func otherSites() async throws {
        try await withAPI(Browser.accounts) { client, _ in
            let ada = Browser(client)
            let body: [String: Any] = ["email": "ada@example.org", "password": "correct horse"]
            let fetchSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
            let foreign: [HTTPFields] = [[.origin: "https://evil.example"], [fetchSite: "cross-site"]]
            for headers in foreign {
                for path in ["/api/auth/sign-up", "/api/auth/sign-in", "/api/auth/sign-out", "/api/auth/refresh"] {
                    let refused = try await ada.send(.post, path, body, headers: headers)
                    #expect(refused.status == .forbidden, "\(path)")
                }
            }
            let own = try await ada.send(.post, "/api/auth/sign-up", body, headers: [fetchSite: "same-origin"])
            #expect(own.status == .created)
        }
    }

    @Test("the cookies are out of scripts' and other sites' reach") func cookies() async throws {
        try await withAPI(Browser.accounts.merging(["COOKIE_SECURE": "true"]) { $1 }) { client, _ in
            let ada = Browser(client)
            let answer = try await ada.send(.post, "/api/auth/sign-up", ["email": "ada@example.org", "password": "correct horse"])
            let cookies = answer.headers[values: .setCookie]
            #expect(cookies.count == 2)
            for cookie in cookies {
                #expect(cookie.contains("; HttpOnly; SameSite=Strict; Secure"))
            }
            #expect(cookies.contains { $0.hasPrefix("__Host-sw_refresh=") && $0.contains("Path=/;") })
        }
    }

    @Test("a refresh token is good once; who uses it again later ends the session for both") func rotation() async throws {
        try await withAPI(Browser.accounts) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let copy = ada.copy()
            #expect(try await ada.send(.post, "/api/auth/refresh").status == .ok)
            #expect(ada.cookies["sw_refresh"] != copy.cookies["sw_refresh"])
            // Another tab, at the same time: it gets an access token, and the refresh token that the browser has by now stays.
            let same = copy.copy()
            #expect(try await same.send(.post, "/api/auth/refresh").status == .ok)
            #expect(same.cookies["sw_refresh"] == copy.cookies["sw_refresh"])
            try await api.execute("UPDATE sessions SET rotated_at = rotated_at - interval '1 minute'")
            #expect(try await copy.send(.post, "/api/auth/refresh").status == .unauthorized)
            #expect(try await ada.send(.post, "/api/auth/refresh").status == .unauthorized)
            #expect(try await Browser(client).send(.post, "/api/auth/refresh").status == .unauthorized)
        }
    }

    @Test("signed out, neither cookie is good for a new session") func signOut() async throws {
        try await withAPI(Browser.accounts) { client, _ in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let before = ada.copy()
            #expect(try await ada.send(.post, "/api/auth/sign-out").status == .ok)
            #expect(ada.cookies.isEmpty)
            #expect(try await ada.send(.get, "/api/stores").status == .unauthorized)
            #expect(try await before.send(.post, "/api/auth/refresh").status == .unauthorized)
        }
    }

    @Test("while the audit takes no line nobody signs up, and no session ends") func audited() async throws {
        try await withAPI(Browser.accounts) { client, api in
            let (ada, eve) = (Browser(client), Browser(client))
            try await ada.signUp("ada@example.org")
            try await api.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no line today'; END $$"
            )
            try await api.execute("CREATE TRIGGER refused BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse()")
            let made = try await eve.send(.post, "/api/auth/sign-up", ["email": "eve@example.org", "password": "correct horse"])
            #expect(made.status.code >= 500)
            #expect(try await ada.copy().send(.post, "/api/auth/sign-out").status.code >= 500)
            #expect(try await ada.send(.get, "/api/stores").status == .ok)
            try await api.execute("DROP TRIGGER refused ON audit")
            try await eve.signUp("eve@example.org")
            #expect(try await ada.send(.post, "/api/auth/sign-out").status == .ok)
            let lines = try await api.pool.query("SELECT actor, action FROM audit WHERE action <> 'account.sign-in' ORDER BY id").map {
                "\(try $0["actor"] as String) \(try $0["action"] as String)"
            }
            #expect(lines == ["ada@example.org account.sign-up", "eve@example.org account.sign-up", "ada@example.org account.sign-out"])
        }
    }

    @Test("wrong passwords and unknown addresses get the same answer, and after some a pause that grows") func lockout() async throws {
        try await withAPI(Browser.accounts) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            for address in ["ada@example.org", "nobody@example.org"] {
                let guesser = Browser(client)
                for _ in 1...5 {
                    let wrong = try await guesser.send(.post, "/api/auth/sign-in", ["email": address, "password": "wrong"])
                    #expect(wrong.status == .unauthorized)
                    #expect(wrong.error == "The e-mail address or the password is not right")
                }
                // The pause, of a second at first, may be over before a busy machine asks again.
                try await api.execute("UPDATE sign_in_failures SET locked_until = locked_until + interval '1 hour'")
                let paused = try await guesser.send(.post, "/api/auth/sign-in", ["email": address, "password": "correct horse"])
                #expect(paused.status == .tooManyRequests)
                #expect(paused.headers[.retryAfter] != nil)
            }
        }
    }

    @Test("a new password ends the other sessions, and needs the old one") func password() async throws {
        try await withAPI(Browser.accounts) { client, _ in
            let (here, there) = (Browser(client), Browser(client))
            try await here.signUp("ada@example.org")
            try await there.signIn("ada@example.org")
            let wrong = try await here.send(.post, "/api/auth/password", ["current": "wrong", "new": "battery staple"])
            #expect(wrong.status == .forbidden)
            #expect(try await here.send(.post, "/api/auth/password", ["current": "correct horse", "new": "short"]).status == .badRequest)
            let changed = try await here.send(.post, "/api/auth/password", ["current": "correct horse", "new": "battery staple"])
            #expect(changed.status == .ok)
            #expect(try await there.send(.post, "/api/auth/refresh").status == .unauthorized)
            #expect(try await here.send(.post, "/api/auth/refresh").status == .ok)
            let old = try await there.send(.post, "/api/auth/sign-in", ["email": "ada@example.org", "password": "correct horse"])
            #expect(old.status == .unauthorized)
            try await there.signIn("ADA@example.org", password: "battery staple")
        }
    }

    @Test("a script's token does what its scopes say until it is revoked, and never more than its owner") func tokens() async throws {
        try await withAPI(Browser.accounts) { client, _ in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            #expect(try await ada.send(.post, "/api/auth/tokens", ["name": "x", "scopes": ["queue:operate"]]).status == .forbidden)
            #expect(try await ada.send(.post, "/api/auth/tokens", ["name": "x", "scopes": ["everything"]]).status == .badRequest)
            #expect(
                try await ada.send(.post, "/api/auth/tokens", ["name": "x", "scopes": ["stores:read"], "days": true]).status == .badRequest
            )
            let made = try await ada.send(.post, "/api/auth/tokens", ["name": "reader", "scopes": ["stores:read"]])
            #expect(made.status == .created)
            let secret = try #require(made.object["secret"] as? String)
            let id = try #require((made.object["token"] as? [String: Any])?["id"] as? String)
            let script: HTTPFields = [.authorization: "Bearer \(secret)"]
            let nobody = Browser(client)
            #expect(try await nobody.send(.get, "/api/stores", headers: script).status == .ok)
            let write = try await nobody.send(.post, "/api/stores", ["name": "Acme", "engine": "medusa"], headers: script)
            #expect(write.status == .forbidden)
            #expect(write.error == "This token needs the scope stores:write")
            #expect(try await nobody.send(.get, "/api/auth/tokens", headers: script).status == .forbidden)
            let listed = try await ada.send(.get, "/api/auth/tokens")
            #expect(!String(buffer: listed.body).contains(secret))
            let eve = Browser(client)
            try await eve.signUp("eve@example.org")
            #expect(try await eve.send(.delete, "/api/auth/tokens/\(id)").status == .notFound)
            #expect(try await ada.send(.delete, "/api/auth/tokens/\(id)").status == .ok)
            #expect(try await nobody.send(.get, "/api/stores", headers: script).status == .unauthorized)
            #expect(
                try await nobody.send(.get, "/api/stores", headers: [.authorization: "Bearer \(secret.dropLast())0"]).status
                    == .unauthorized
            )
        }
    }

    @Test("by invitation only its holder signs up, once, with the role that it gives") func invitations() async throws {
        let environment = Browser.accounts.merging(["SIGN_UP": "invitation", "ADMIN_TOKEN": AdminTests.token]) { $1 }
        try await withAPI(environment) { client, _ in
            let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]
            let admin = Browser(client)
            let body = ["email": "ada@example.org", "password": "correct horse"]
            #expect(try await Browser(client).send(.post, "/api/auth/sign-up", body).status == .forbidden)
            let invited = try await admin.send(
                .post,
                "/api/admin/invitations",
                ["email": "ada@example.org", "role": "operator"],
                headers: installation
            )
            #expect(invited.status == .created)
            let invitation = try #require(invited.object["invitation"] as? String)
            let other = ["email": "eve@example.org", "password": "correct horse", "invitation": invitation]
            #expect(try await Browser(client).send(.post, "/api/auth/sign-up", other).status == .forbidden)
            let ada = Browser(client)
            let created = try await ada.send(.post, "/api/auth/sign-up", body.merging(["invitation": invitation]) { $1 })
            #expect(created.status == .created)
            #expect((created.object["user"] as? [String: Any])?["role"] as? String == "operator")
            #expect(try await ada.send(.get, "/api/admin/queue").status == .ok)
            #expect(try await ada.send(.get, "/api/admin/accounts").status == .forbidden)
            let again = body.merging(["email": "zoe@example.org", "invitation": invitation]) { $1 }
            #expect(try await Browser(client).send(.post, "/api/auth/sign-up", again).status == .forbidden)
        }
    }

    @Test("an admin sees where an account is signed in and ends all of it; the account can sign in again")
    func sessionsByAdmin() async throws {
        try await withAPI(Browser.accounts.merging(["ADMIN_TOKEN": AdminTests.token]) { $1 }) { client, api in
            let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]
            let (ada, second, admin) = (Browser(client), Browser(client), Browser(client))
            let adas = try await ada.signUp("ada@example.org")
            try await second.signIn("ada@example.org")
            let admins = try await admin.signUp("root@example.org")
            _ = try await Browser(client).send(.post, "/api/admin/accounts/\(admins)", ["role": "admin"], headers: installation)
            try await admin.signIn("root@example.org")
            func sessions(of id: String) async throws -> [[String: Any]] {
                let answer = try await admin.send(.get, "/api/admin/accounts/\(id)/sessions")
                #expect(answer.status == .ok)
                return try #require(answer.object["sessions"] as? [[String: Any]])
            }
            #expect(try await sessions(of: adas).count == 2)
            #expect(try await sessions(of: admins).contains { $0["current"] as? Bool == true })
            let ended = try await admin.send(.delete, "/api/admin/accounts/\(adas)/sessions")
            #expect(ended.object["ended"] as? Int == 2 && ended.object["message"] as? String == "2 sessions are ended")
            #expect(try await sessions(of: adas).isEmpty)
            for browser in [ada, second] { #expect(try await browser.send(.post, "/api/auth/refresh").status == .unauthorized) }
            #expect(try await sessions(of: admins).count == 1)
            try await ada.signIn("ada@example.org")
            #expect(try await sessions(of: adas).count == 1)
            let lines = try await api.pool.query("SELECT actor, detail FROM audit WHERE action = 'account.session-end'")
            #expect(try lines.map { try $0["actor"] as String } == ["root@example.org", "root@example.org"])
            #expect(try lines.map { try $0["detail"] as String } == [adas, adas], "the line says whose session it was")
            #expect(try await admin.send(.get, "/api/admin/accounts/nobody/sessions").status == .notFound)
            #expect(try await admin.send(.delete, "/api/admin/accounts/nobody/sessions").status == .notFound)
        }
    }

    @Test("an admin disables an account and sets its quota; nobody disables themselves") func accountsByAdmin() async throws {
        try await withAPI(Browser.accounts.merging(["ADMIN_TOKEN": AdminTests.token]) { $1 }) { client, _ in
            let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]
            let (ada, admin) = (Browser(client), Browser(client))
            let adas = try await ada.signUp("ada@example.org")
            let admins = try await admin.signUp("root@example.org")
            let promoted = try await Browser(client).send(.post, "/api/admin/accounts/\(admins)", ["role": "admin"], headers: installation)
            #expect(promoted.status == .ok)
            try await admin.signIn("root@example.org")
            #expect(try await admin.send(.post, "/api/admin/accounts/\(admins)", ["disabled": true]).status == .conflict)
            #expect(try await admin.send(.post, "/api/admin/accounts/\(admins)", ["role": "user"]).status == .conflict)
            #expect(try await admin.send(.post, "/api/admin/accounts/\(adas)", ["quota": 1]).status == .ok)
            #expect(try await ada.send(.post, "/api/stores", ["name": "One", "engine": "medusa"]).status == .accepted)
            let second = try await ada.send(.post, "/api/stores", ["name": "Two", "engine": "medusa"])
            #expect(second.error == "Store limit reached (1/1). Delete a store to create another.")
            #expect(try await admin.send(.post, "/api/admin/accounts/\(adas)", ["disabled": true]).status == .ok)
            #expect(try await ada.send(.post, "/api/auth/refresh").status == .unauthorized)
            let body = ["email": "ada@example.org", "password": "correct horse"]
            #expect(try await Browser(client).send(.post, "/api/auth/sign-in", body).status == .unauthorized)
            // Everybody's stores only when they are asked for.
            #expect(try await admin.listed("/api/stores") == 0)
            #expect(try await admin.listed("/api/stores?scope=all") == 1)
        }
    }
}
