import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

/// Every route of the API, asked by everybody for somebody's store.
@Suite(.timeLimit(.minutes(20))) struct AccessWalkTests {
    enum Caller: String, CaseIterable {
        case nobody, owner, manager, viewer, stranger, operator_, admin, readToken, writeToken, installation
    }

    /// What a route is, as people would say it; what each caller gets there is below.
    enum Kind {
        case open, cookie, identity, read, logs, run, change, list, create, reveal, queue, admin, own
        /// The same as `change`, but that members may leave.
        case leave
        /// Making a channel, one's own or the installation's; reading and changing one of the owner's.
        case listen, readChannel, changeChannel
    }

    /// Every route stands here by hand: one that is new fails until somebody has said who may use it.
    static let kinds: [String: Kind] = [
        "GET /": .open, "GET /stores/{slug}": .open, "GET /operator": .open, "GET /assets/{file}": .open, "GET /openapi.yaml": .open,
        "GET /docs": .open,
        "GET /livez": .open,
        "GET /readyz": .open, "GET /api/health": .open, "GET /api/auth/session": .open, "POST /api/auth/sign-up": .open,
        "POST /api/auth/sign-in": .open, "POST /api/auth/sign-out": .open, "POST /api/auth/refresh": .cookie, "GET /api/me": .identity,
        "GET /api/incident": .identity,
        "PUT /api/admin/incident": .queue, "DELETE /api/admin/incident": .queue,
        "GET /api/slugs/{slug}": .list, "GET /api/plans": .list, "GET /api/versions": .list, "GET /api/usage": .list,
        "GET /api/stores": .list, "GET /api/stores/events": .list, "POST /api/stores": .create, "GET /api/stores/{id}": .read,
        "PATCH /api/stores/{id}": .run, "DELETE /api/stores/{id}": .change, "GET /api/stores/{id}/status": .read,
        "GET /api/stores/{id}/detail": .read,
        "GET /api/stores/deleted": .list, "GET /api/stores/{id}/backups": .read, "POST /api/stores/{id}/backups": .run,
        "POST /api/stores/{id}/restore": .run, "POST /api/stores/{id}/clone": .change, "POST /api/stores/{id}/undelete": .run,
        "POST /api/stores/{id}/export": .reveal, "GET /api/stores/{id}/exports": .read, "GET /api/stores/{id}/exports/{export}": .reveal,
        "GET /api/exports/{token}": .open, "GET /api/imports": .list, "POST /api/imports": .create,
        "GET /api/stores/{id}/domains": .read, "POST /api/stores/{id}/domains": .run, "DELETE /api/stores/{id}/domains/{host}": .run,
        "POST /api/stores/{id}/domains/{host}/primary": .run, "POST /api/stores/{id}/domains/{host}/check": .run,
        "POST /api/stores/{id}/pin": .run, "DELETE /api/stores/{id}/pin": .run,
        "GET /api/stores/{id}/members": .read, "POST /api/stores/{id}/members": .change, "PUT /api/stores/{id}/members/{member}": .change,
        "DELETE /api/stores/{id}/members/{member}": .leave, "DELETE /api/stores/{id}/invitations/{invitation}": .change,
        "POST /api/stores/{id}/transfer": .reveal, "POST /api/invitations/read": .identity, "POST /api/invitations/accept": .create,
        "POST /api/stores/{id}/retry": .run, "POST /api/stores/{id}/recreate": .change,
        "POST /api/stores/{id}/credentials/reveal": .reveal, "POST /api/stores/{id}/admin-session": .reveal,
        "POST /api/stores/{id}/credentials/regenerate": .reveal, "GET /api/stores/{id}/events": .read,
        "GET /api/stores/{id}/attempts": .read,
        "GET /api/stores/{id}/attempts/{attempt}": .read, "GET /api/stores/{id}/log": .read, "GET /api/stores/{id}/logs": .logs,
        "GET /api/stores/{id}/health": .read, "GET /api/stores/{id}/use": .read,
        "GET /api/stores/{id}/activity": .read, "GET /api/admin/queue": .queue,
        "POST /api/admin/queue/pause": .queue,
        "POST /api/admin/queue/resume": .queue, "GET /api/admin/jobs": .queue, "DELETE /api/admin/jobs": .queue,
        "GET /api/admin/jobs/{id}": .queue, "POST /api/admin/jobs/{id}/cancel": .queue, "POST /api/admin/jobs/{id}/replay": .queue,
        "GET /api/admin/queue/waiting": .queue, "GET /api/admin/queue/hours": .queue,
        "POST /api/admin/workers/{worker}/drain": .queue,
        "POST /api/admin/workers/{worker}/undrain": .queue, "GET /api/admin/locks": .queue,
        "GET /api/admin/workers": .queue, "GET /api/admin/orphans": .queue, "GET /api/admin/capacity": .queue,
        "GET /api/admin/rollouts": .queue, "POST /api/admin/rollouts": .queue, "GET /api/admin/rollouts/{id}": .queue,
        "GET /api/admin/rollouts/{id}/stores": .queue, "POST /api/admin/rollouts/{id}/pause": .queue,
        "POST /api/admin/rollouts/{id}/resume": .queue, "POST /api/admin/rollouts/{id}/cancel": .queue,
        "POST /api/admin/rollouts/{id}/retry": .queue,
        "GET /api/admin/accounts": .admin, "GET /api/admin/audit": .admin, "GET /api/admin/audit/export": .admin,
        "POST /api/admin/accounts/{id}": .admin, "GET /api/admin/accounts/{id}/sessions": .admin,
        "DELETE /api/admin/accounts/{id}/sessions": .admin, "POST /api/admin/invitations": .admin,
        "GET /api/channels": .list, "POST /api/channels": .listen, "PATCH /api/channels/{id}": .changeChannel,
        "DELETE /api/channels/{id}": .changeChannel, "POST /api/channels/{id}/test": .changeChannel,
        "GET /api/channels/{id}/deliveries": .readChannel, "POST /api/mailboxes/confirm": .open, "POST /api/mailboxes/stop": .open,
        "POST /api/auth/forgotten": .open, "POST /api/auth/reset": .open,
        "GET /api/auth/sessions": .own, "DELETE /api/auth/sessions": .own, "DELETE /api/auth/sessions/{id}": .own,
        "POST /api/auth/password": .own, "GET /api/auth/tokens": .own, "POST /api/auth/tokens": .own, "DELETE /api/auth/tokens/{id}": .own,
    ]

    enum Answer {
        /// Let in, whatever the route then says of the request.
        case letIn
        case refused(HTTPResponse.Status)
    }

    static func expected(_ kind: Kind, _ caller: Caller) -> Answer {
        switch (kind, caller) {
        case (.open, _): .letIn
        case (_, .nobody): .refused(.unauthorized)
        case (.cookie, .readToken), (.cookie, .writeToken), (.cookie, .installation): .refused(.unauthorized)
        case (.cookie, _): .letIn
        case (.identity, _): .letIn
        case (.list, _): .letIn
        case (.read, .stranger), (.logs, .stranger): .refused(.notFound)
        case (.logs, .viewer): .refused(.forbidden)
        case (.read, _), (.logs, _): .letIn
        // A store's existence is told to nobody who may not change it, not even to who may see it elsewhere.
        case (.run, .stranger), (.change, .stranger), (.leave, .stranger): .refused(.notFound)
        case (.run, .operator_), (.change, .operator_), (.leave, .operator_): .refused(.notFound)
        case (.run, .readToken), (.change, .readToken), (.leave, .readToken): .refused(.forbidden)
        // Members see it anyway, and are told that they may not.
        case (.run, .viewer), (.change, .viewer), (.change, .manager): .refused(.forbidden)
        case (.run, _), (.change, _), (.leave, _): .letIn
        case (.reveal, .owner): .letIn
        case (.reveal, .manager), (.reveal, .viewer): .refused(.forbidden)
        case (.reveal, .readToken), (.reveal, .writeToken), (.reveal, .installation): .refused(.forbidden)
        // Whoever may see the store may still not see what its owner signs in with.
        case (.reveal, _): .refused(.notFound)
        case (.create, .readToken), (.create, .installation): .refused(.forbidden)
        case (.create, _): .letIn
        case (.listen, .readToken), (.changeChannel, .readToken): .refused(.forbidden)
        case (.listen, _): .letIn
        // Nobody's but the owner's, whoever else sees every store.
        case (.readChannel, .owner), (.readChannel, .readToken), (.readChannel, .writeToken): .letIn
        case (.changeChannel, .owner), (.changeChannel, .writeToken): .letIn
        case (.readChannel, _), (.changeChannel, _): .refused(.notFound)
        case (.queue, .operator_), (.queue, .admin), (.queue, .installation): .letIn
        case (.queue, _): .refused(.forbidden)
        case (.admin, .admin), (.admin, .installation): .letIn
        case (.admin, _): .refused(.forbidden)
        case (.own, .readToken), (.own, .writeToken), (.own, .installation): .refused(.forbidden)
        case (.own, _): .letIn
        }
    }

    @Test("route by role by owner") func walk() async throws {
        let environment = Browser.accounts.merging(
            ["ADMIN_TOKEN": AdminTests.token, "MAX_STORES": "10000", "MAX_STORES_PER_USER": "10000", "RATE_LIMIT_PER_USER": "0"].merging(
                ChannelTests.environment
            ) {
                $1
            }
        ) { $1 }
        try await withAPI(environment) { client, api in
            #expect(Set(api.routes) == Set(Self.kinds.keys))
            let world = try await World(client)
            var asked = 0
            for (route, kind) in Self.kinds.sorted(by: { $0.key < $1.key }) {
                for caller in Caller.allCases {
                    let answer = Self.expected(kind, caller)
                    // A stream ends only with its client: here it is seen who is refused.
                    if case .letIn = answer, route.hasSuffix("/events") || route.hasSuffix("/logs") { continue }
                    let status = try await world.ask(route, as: caller)
                    switch answer {
                    case .letIn:
                        #expect(![.unauthorized, .forbidden].contains(status), "\(route) for \(caller): \(status)")
                        let isThere = [.read, .logs, .run, .change, .leave, .readChannel, .changeChannel].contains(kind)
                        #expect(
                            !isThere || Self.ofNothing.contains { route.contains($0) } || status != .notFound,
                            "\(route) for \(caller): \(status)"
                        )
                    case .refused(let refusal):
                        #expect(status == refusal, "\(route) for \(caller): \(status)")
                    }
                    asked += 1
                }
            }
            #expect(asked > 400)
        }
    }

    /// What a store of the walk has none of.
    private static let ofNothing = ["{attempt}", "{host}", "{invitation}"]

    /// Six people, and the tokens of scripts of the first.
    private struct World {
        let client: any TestClientProtocol
        let ids: [Caller: String]
        let browsers: [Caller: Browser]
        let tokens: [Caller: String]

        init(_ client: any TestClientProtocol) async throws {
            self.client = client
            var browsers: [Caller: Browser] = [:]
            var ids: [Caller: String] = [:]
            for caller in [Caller.owner, .manager, .viewer, .stranger, .operator_, .admin] {
                let browser = Browser(client)
                ids[caller] = try await browser.signUp("\(caller.rawValue)@example.org")
                browsers[caller] = browser
            }
            let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]
            for (caller, role) in [(Caller.operator_, "operator"), (.admin, "admin")] {
                let path = "/api/admin/accounts/\(ids[caller] ?? "")"
                let promoted = try await Browser(client).send(.post, path, ["role": role], headers: installation)
                try #require(promoted.status == .ok)
                try await browsers[caller]?.signIn("\(caller.rawValue)@example.org")
            }
            var tokens: [Caller: String] = [.installation: AdminTests.token]
            for (caller, scope) in [(Caller.readToken, "stores:read"), (.writeToken, "stores:write")] {
                let made = try await browsers[.owner]?.send(.post, "/api/auth/tokens", ["name": "walk", "scopes": [scope]])
                tokens[caller] = try #require(made?.object["secret"] as? String)
            }
            (self.browsers, self.tokens, self.ids) = (browsers, tokens, ids)
        }

        /// About a store of the owner's that nobody has touched yet, in a copy of the caller's browser: signing out there ends nothing here.
        func ask(_ route: String, as caller: Caller) async throws -> HTTPResponse.Status {
            let words = route.split(separator: " ")
            let method = try #require(HTTPRequest.Method(String(words[0])))
            // Whoever leaves is the one who asks, the owner lets the manager go.
            let member = ids[[.manager, .viewer].contains(caller) ? caller : .manager] ?? ""
            let path = words[1].replacing("{id}", with: try await id(for: route)).replacing("{attempt}", with: "1")
                .replacing("{member}", with: member).replacing("{invitation}", with: "0123456789abcdef")
            var headers: HTTPFields = [:]
            if let token = tokens[caller] { headers[.authorization] = "Bearer \(token)" }
            let browser = browsers[caller]?.copy() ?? Browser(client)
            return try await browser.send(
                method,
                String(path),
                [.post, .patch, .put].contains(method) ? body(of: route) : nil,
                headers: headers
            )
            .status
        }

        private func id(for route: String) async throws -> String {
            if route.contains("/admin/jobs/") || route.contains("/tokens/") || route.contains("/auth/sessions/") { return "1" }
            // Nobody's: the walk needs the sessions that it has.
            if route.contains("/accounts/{id}/sessions") { return "u0123456789abcde" }
            if route.contains("/accounts/") { return try #require(ids[.owner]) }
            if route.contains("/rollouts/") { return "0123456789ab" }
            if route.contains("/channels/{id}") { return try await channel() }
            guard route.contains("/stores/{id}") else { return "" }
            let made = try await browsers[.owner]?.send(.post, "/api/stores", ["name": "Walk", "engine": "medusa"])
            let store = try #require(made?.store["id"] as? String)
            for (caller, role) in [(Caller.manager, "manager"), (.viewer, "viewer")] {
                let path = "/api/stores/\(store)/members/\(ids[caller] ?? "")"
                try #require(try await browsers[.owner]?.send(.put, path, ["role": role]).status == .ok)
            }
            return store
        }

        /// The owner's one, which is made where there is none.
        private func channel() async throws -> String {
            let browser = try #require(browsers[.owner])
            let known = try await browser.send(.get, "/api/channels").object["channels"] as? [[String: Any]]
            if let id = known?.first?["id"] as? String { return id }
            let made = try await browser.send(.post, "/api/channels", ChannelTests.wanted).object["channel"] as? [String: Any]
            return try #require(made?["id"] as? String)
        }

        private func body(of route: String) -> [String: Any] {
            switch route {
            case "POST /api/stores": ["name": "Walk", "engine": "medusa"]
            case "PATCH /api/stores/{id}": ["name": "Walked"]
            case "POST /api/stores/{id}/restore": ["backup": "0123456789ab"]
            case "POST /api/stores/{id}/clone": ["name": "Walked"]
            case "PATCH /api/channels/{id}": ["events": ["store.lost"]]
            case "POST /api/stores/{id}/pin": ["until": Date().addingTimeInterval(3_600).formatted(.iso8601)]
            case "POST /api/stores/{id}/members", "PUT /api/stores/{id}/members/{member}": ["role": "viewer"]
            case "POST /api/auth/tokens": ["name": "walk", "scopes": ["stores:read"]]
            default: [:]
            }
        }
    }
}
