import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobQueue
import NIOCore
import Postgres
import StoreAPI
import Testing

@Suite struct RouteTests {
    struct Refusal: Sendable {
        var method: HTTPRequest.Method = .post
        var path = "/api/stores"
        var type: String? = "application/json"
        var body = ""
        var user: String?
        var status: HTTPResponse.Status = .badRequest
        var error: String
    }

    static let refusals = [
        Refusal(body: #"{"engine":"medusa"}"#, error: "Store name is required"),
        Refusal(body: #"{"name":"   ","engine":"medusa"}"#, error: "Store name is required"),
        Refusal(body: #"{"name":7,"engine":"medusa"}"#, error: "name must be a string"),
        Refusal(body: #"{"name":"A"}"#, error: "Store engine is required"),
        Refusal(body: #"{"name":"A","engine":"magento"}"#, error: #"Store engine must be "woocommerce" or "medusa""#),
        Refusal(body: #"{"name":"A","engine":"medusa","plan":"huge"}"#, error: "plan must be one of small, medium, large"),
        Refusal(body: #"{"name":"A","engine":1}"#, error: "engine must be a string"),
        Refusal(body: "{", error: "The body is not valid JSON"),
        Refusal(body: "[]", error: "The body must be a JSON object"),
        Refusal(type: "text/plain", body: "{}", status: .unsupportedMediaType, error: "The body must be application/json"),
        Refusal(
            body: String(repeating: " ", count: 70_000),
            status: .contentTooLarge,
            error: "The body may have 64 KiB at most"
        ),
        Refusal(method: .get, path: "/api/stores/abc", status: .notFound, error: "Store not found"),
        Refusal(method: .delete, path: "/api/stores/a00000000000", status: .notFound, error: "Store not found"),
        Refusal(method: .get, path: "/nowhere", status: .notFound, error: "No such route"),
        Refusal(method: .put, status: .methodNotAllowed, error: "Method PUT not allowed"),
        Refusal(method: .get, path: "/api/stores?limit=0", error: "limit must be a number from 1 to 200"),
        Refusal(method: .get, path: "/api/stores?plan=huge", error: "plan must be of small, medium, large"),
        Refusal(method: .get, path: "/api/stores?asleep=yes", error: "asleep must be true or false"),
        Refusal(method: .get, path: "/api/stores?cursor=x", error: "cursor is not one that this list gave out"),
        Refusal(method: .get, path: "/api/stores?sort=x", error: "sort must be one of newest, oldest, name, status"),
        Refusal(
            method: .get,
            path: "/api/stores",
            user: String(repeating: "u", count: 201),
            error: "The user id must have 1 to 200 characters without control characters"
        ),
    ]

    @Test("refuses with the status and the text that clients know", arguments: refusals)
    func refuses(_ refusal: Refusal) async throws {
        try await withAPI { client, _ in
            var headers: HTTPFields = [:]
            headers[.contentType] = refusal.type
            if let user = refusal.user, let name = HTTPField.Name("X-User-Id") { headers[name] = user }
            let response = try await client.executeRequest(
                uri: refusal.path,
                method: refusal.method,
                headers: headers,
                body: ByteBuffer(string: refusal.body)
            )
            #expect(response.status == refusal.status)
            #expect(response.error == refusal.error)
        }
    }

    @Test(
        "what HEAD gets has the headers that GET gets and no body, errors too",
        arguments: ["/livez", "/api/me", "/api/stores/a00000000000", "/nowhere", "/assets/gone.js", "/api/stores?limit=0"]
    )
    func head(path: String) async throws {
        try await withAPI { client, _ in
            let get = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
            let head = try await client.executeRequest(uri: path, method: .head, headers: [:], body: nil)
            #expect(get.body.readableBytes > 0 && head.body.readableBytes == 0)
            #expect(head.status == get.status)
            #expect(head.headers[.contentLength] == String(get.body.readableBytes))
            #expect(head.headers[.contentType] == get.headers[.contentType])
        }
    }

    @Test("accepts what curl sends without a media type of its own, and shows it on every route")
    func lifeOfAStore() async throws {
        try await withAPI { client, api in
            let created = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: [.contentType: "application/x-www-form-urlencoded"],
                body: ByteBuffer(string: #"{"name":"Acme Electronics","engine":"woocommerce"}"#)
            )
            #expect(created.status == .accepted)
            #expect(created.object["message"] as? String == "Store provisioning started")
            #expect(created.store["namespace"] as? String == "store-acme-electronics")
            let id = try #require(created.store["id"] as? String)
            #expect(try await api.queue.depth().ready == 1)

            let path = "/api/stores/" + id
            let read = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
            #expect((read.store["provisioningSteps"] as? [Any])?.count == 5)
            let status = try await client.executeRequest(uri: path + "/status", method: .get, headers: [:], body: nil)
            #expect(status.object["status"] as? String == "provisioning")
            let detail = try await client.executeRequest(uri: path + "/detail", method: .get, headers: [:], body: nil)
            #expect(Set(detail.object.keys) == ["resources", "events", "podRestarts", "provisioningSteps", "quotas", "volumes"])
            let retry = try await client.executeRequest(uri: path + "/retry", method: .post, headers: [:], body: nil)
            #expect(retry.status == .badRequest && retry.error == "Only failed stores can be retried")
            for _ in 1...2 {
                let deleted = try await client.executeRequest(uri: path, method: .delete, headers: [:], body: nil)
                #expect(deleted.status == .accepted)
                #expect(deleted.object["message"] as? String == "Store deletion started")
            }
        }
    }

    @Test("a ready store tells of a change that was not made, which can be tried again with taking fields over")
    func changeError() async throws {
        try await withAPI { client, api in
            let created = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: [:],
                body: ByteBuffer(string: #"{"name":"Acme","engine":"woocommerce"}"#)
            )
            #expect(created.store["changeError"] is NSNull)
            let path = "/api/stores/" + (try #require(created.store["id"] as? String))
            try await api.execute("UPDATE jobs SET state = 'succeeded'")
            try await api.execute(
                """
                UPDATE stores SET status = 'ready', url = 'http://acme.localhost', change_error_code = 'helm-conflict',
                    change_error = 'kubectl-set has set .spec.replicas', change_error_at = '2026-03-01 12:00:00+00'
                """
            )
            let told = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil).store["changeError"]
            #expect(
                told as? [String: String] == [
                    "code": "helm-conflict", "message": "kubectl-set has set .spec.replicas", "at": "2026-03-01T12:00:00.000Z",
                ]
            )
            func retry(_ body: String) async throws -> TestResponse {
                try await client.executeRequest(uri: path + "/retry", method: .post, headers: [:], body: ByteBuffer(string: body))
            }
            #expect(try await retry(#"{"takeOver":1}"#).error == "takeOver must be true or false")
            let retried = try await retry(#"{"takeOver":true}"#)
            #expect(retried.status == .accepted && retried.store["changeError"] is NSNull)
            let wanted = try await api.pool.query("SELECT takes_over FROM store_specs WHERE generation = (SELECT generation FROM stores)")
            #expect(try wanted.map { try $0["takes_over"] as Bool } == [true])
            #expect(try await retry("").status == .badRequest)
        }
    }

    @Test(
        "a list has every store to the field as it is by itself",
        arguments: [
            "name = E'Größe \"x\" \\\\ 🛒', owner = 'ada'",
            """
            status = 'ready', url = 'http://acme.localhost', ready_at = now(), engine_version = '9.4', replicas = 2, pods_running = 2,
            change_error_code = 'helm-conflict', change_error = 'Not made', change_error_at = now()
            """,
            """
            status = 'failed', error_message = 'It broke', failure_cause = 'image-pull', failed_step = 'database', failed_step_error = 'no disk',
            namespace_created_at = now(), secrets_generated_at = '2026-02-28 23:59:59.999999+00', pod_restarts = 12
            """,
        ]
    )
    func listed(change: String) async throws {
        try await withAPI { client, api in
            let created = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: [.contentType: "application/json"],
                body: ByteBuffer(string: #"{"name":"Acme","engine":"medusa"}"#)
            )
            let id = try #require(created.store["id"] as? String)
            try await api.execute(SQL(unsafe: "UPDATE stores SET \(change)"))
            if change.hasPrefix("status = 'ready'") {
                try await api.execute("UPDATE stores SET health = 'degraded', health_cause = 'pods', drift = 'release'")
            }
            let one = try await client.executeRequest(uri: "/api/stores/" + id, method: .get, headers: [:], body: nil).store
            let list = try await client.executeRequest(uri: "/api/stores", method: .get, headers: [:], body: nil)
            let listed = try #require((list.object["stores"] as? [[String: Any]])?.first)
            #expect(listed.count >= 23)
            for (name, value) in listed { #expect(value as? NSObject == one[name] as? NSObject, "\(name)") }
            let only = Set(one.keys).subtracting(listed.keys)
            #expect(only == ["spec", "resources", "events", "quotas", "volumes", "configYaml", "job"])
        }
    }

    @Test("holds the quota under 50 creates at once")
    func quota() async throws {
        try await withAPI(["MAX_STORES": "7"]) { client, _ in
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await client.executeRequest(
                            uri: "/api/stores",
                            method: .post,
                            headers: [.contentType: "application/json"],
                            body: ByteBuffer(string: #"{"name":"Rush \#(number)","engine":"medusa"}"#)
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == .accepted } == 7)
            #expect(statuses.count { $0 == .tooManyRequests } == 43)
        }
    }

    @Test("accepts while Redis is away, and repeats what an idempotency key asked for before")
    func withoutRedis() async throws {
        try await withAPI(redisAway: true) { client, _ in
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            func create(_ name: String) async throws -> TestResponse {
                try await client.executeRequest(
                    uri: "/api/stores",
                    method: .post,
                    headers: [.contentType: "application/json", key: "k1"],
                    body: ByteBuffer(string: #"{"name":"\#(name)","engine":"medusa"}"#)
                )
            }
            let first = try await create("One")
            #expect(first.status == .accepted)
            #expect(try await create("One").store["id"] as? String == first.store["id"] as? String)
            #expect(try await create("Two").status == .unprocessableContent)
        }
    }

    @Test("hides another user's store on every route")
    func otherUsers() async throws {
        try await withAPI { client, _ in
            let user = try #require(HTTPField.Name("X-User-Id"))
            let created = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: [.contentType: "application/json", user: "ann"],
                body: ByteBuffer(string: #"{"name":"東京","engine":"medusa","userId":"bob"}"#)
            )
            #expect(created.store["userId"] as? String == "ann")
            #expect(created.store["namespace"] as? String == "store-dong-jing")
            let path = "/api/stores/" + (try #require(created.store["id"] as? String))
            for (method, route) in [
                (HTTPRequest.Method.get, ""), (.get, "/status"), (.get, "/detail"), (.post, "/retry"), (.patch, ""), (.delete, ""),
            ] {
                let body = method == .patch ? ByteBuffer(string: #"{"asleep":true}"#) : nil
                let response = try await client.executeRequest(uri: path + route, method: method, headers: [user: "bob"], body: body)
                #expect(response.status == .notFound && response.error == "Store not found")
            }
            let list = try await client.executeRequest(uri: "/api/stores", method: .get, headers: [user: "bob"], body: nil)
            #expect((list.object["stores"] as? [Any])?.isEmpty == true)
        }
    }

    @Test("pages through all stores, each once")
    func paging() async throws {
        try await withAPI { client, _ in
            for number in 0..<5 {
                _ = try await client.executeRequest(
                    uri: "/api/stores",
                    method: .post,
                    headers: [.contentType: "application/json"],
                    body: ByteBuffer(string: #"{"name":"Same","engine":"\#(number % 2 == 0 ? "medusa" : "woocommerce")"}"#)
                )
            }
            var seen: [String] = []
            var path: String? = "/api/stores?limit=2&sort=name"
            while let current = path {
                let page = try await client.executeRequest(uri: current, method: .get, headers: [:], body: nil).object
                seen += (page["stores"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
                path = (page["nextCursor"] as? String).map { "/api/stores?limit=2&sort=name&cursor=" + $0 }
            }
            #expect(seen.count == 5 && Set(seen).count == 5)
            let filtered = try await client.executeRequest(uri: "/api/stores?engine=medusa", method: .get, headers: [:], body: nil)
            #expect((filtered.object["stores"] as? [Any])?.count == 3)
        }
    }
}
