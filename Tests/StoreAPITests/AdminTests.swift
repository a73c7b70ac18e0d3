import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import StoreDomain
import StoreRecords
import Testing

@Suite struct AdminTests {
    static let token = "correct horse battery staple"
    static let environment = ["ADMIN_TOKEN": token]
    static let operatorHeaders: HTTPFields = [.authorization: "Bearer \(token)", .contentType: "application/json"]

    @Test("without a token in the settings the operator's routes are closed, even to its bearer") func closed() async throws {
        try await withAPI { client, _ in
            let response = try await client.executeRequest(
                uri: "/api/admin/queue",
                method: .get,
                headers: Self.operatorHeaders,
                body: nil
            )
            #expect(response.status == .forbidden)
        }
    }

    @Test("every operator's route refuses who does not send the token") func unauthorized() async throws {
        try await withAPI(Self.environment) { client, api in
            let routes = api.routes.filter { $0.contains("/api/admin/") }
            #expect(routes.count == 33)
            for route in routes {
                let words = route.split(separator: " ")
                let method = try #require(HTTPRequest.Method(String(words[0])))
                let path = words[1].replacing("{id}", with: "1")
                for header in [nil, "Bearer", "Bearer wrong", "Basic \(Self.token)", "Bearer \(Self.token)x"] {
                    var headers: HTTPFields = [.contentType: "application/json"]
                    headers[.authorization] = header
                    let response = try await client.executeRequest(
                        uri: String(path),
                        method: method,
                        headers: headers,
                        body: ByteBuffer(string: #"{"reason":"x"}"#)
                    )
                    #expect(response.status == .unauthorized, "\(route) with \(header ?? "nothing")")
                    #expect(response.headers[.wwwAuthenticate] == "Bearer")
                }
            }
        }
    }

    @Test("a request whose statements are slow one after another is refused in the time of one") func slowStatements() async throws {
        try await withAPI(Self.environment, patience: .seconds(4)) { client, api in
            try await api.execute(
                "CREATE FUNCTION delay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2.5); RETURN NEW; END $$"
            )
            try await api.execute("CREATE TRIGGER slow BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION delay()")
            try await api.execute("CREATE TRIGGER slow BEFORE UPDATE ON queue_control FOR EACH ROW EXECUTE FUNCTION delay()")
            let paused = try await client.executeRequest(
                uri: "/api/admin/queue/pause",
                method: .post,
                headers: Self.operatorHeaders,
                body: ByteBuffer(string: #"{"reason":"moving"}"#)
            )
            #expect(paused.status == .serviceUnavailable)
            #expect(paused.headers[.retryAfter] != nil)
        }
    }

    @Test("pausing shows in the queue with who and why; resuming ends it") func pause() async throws {
        try await withAPI(Self.environment) { client, _ in
            var headers = Self.operatorHeaders
            headers[.init("X-User-Id")!] = "ada"
            let paused = try await client.executeRequest(
                uri: "/api/admin/queue/pause",
                method: .post,
                headers: headers,
                body: ByteBuffer(string: #"{"reason":"moving"}"#)
            )
            #expect(paused.status == .ok)
            let queue = try await client.executeRequest(uri: "/api/admin/queue", method: .get, headers: headers, body: nil)
            let pause = queue.object["paused"] as? [String: Any]
            #expect(pause?["by"] as? String == "ada")
            #expect(pause?["reason"] as? String == "moving")
            let resumed = try await client.executeRequest(uri: "/api/admin/queue/resume", method: .post, headers: headers, body: nil)
            #expect(resumed.object["message"] as? String == "The queue is resumed")
            let after = try await client.executeRequest(uri: "/api/admin/queue", method: .get, headers: headers, body: nil)
            #expect(after.object["paused"] == nil)
        }
    }

    @Test("what waits is listed in the order in which it is taken, with why") func waiting() async throws {
        try await withAPI(Self.environment) { client, api in
            func create(_ name: String, _ user: String) async throws {
                var headers: HTTPFields = [.contentType: "application/json"]
                headers[.init("X-User-Id")!] = user
                let body = ByteBuffer(string: #"{"name":"\#(name)","engine":"medusa"}"#)
                let made = try await client.executeRequest(uri: "/api/stores", method: .post, headers: headers, body: body)
                #expect(made.status == .accepted)
            }
            for (name, user) in [("One", "ada"), ("Two", "ada"), ("Three", "eve")] { try await create(name, user) }
            func listed(_ path: String = "/api/admin/queue/waiting") async throws -> [(name: String?, reason: String?, ahead: Int?)] {
                let answer = try await client.executeRequest(uri: path, method: .get, headers: Self.operatorHeaders, body: nil)
                return (answer.object["jobs"] as? [[String: Any]] ?? []).map { job in
                    let waiting = job["waiting"] as? [String: Any]
                    return (job["storeName"] as? String, waiting?["reason"] as? String, waiting?["ahead"] as? Int)
                }
            }
            // Nobody is there to take them; and users take turns.
            #expect(try await listed().map(\.name) == ["One", "Three", "Two"])
            #expect(try await listed().map(\.reason) == ["no-worker", "no-worker", "no-worker"])
            try await api.execute(
                "INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm) VALUES ('vm-1', 'v4', 4, 0, true, true)"
            )
            #expect(try await listed().map(\.reason) == ["slot", "queue", "queue"])
            #expect(try await listed().map(\.ahead) == [0, 1, 2])
            try await api.execute(
                "UPDATE jobs SET run_after = now() + interval '1 hour' WHERE store_id = (SELECT id FROM stores WHERE name = 'One')"
            )
            #expect(try await listed().map(\.name) == ["Two", "Three", "One"])
            #expect(try await listed().map(\.reason) == ["slot", "queue", "retry"])
            #expect(try await listed("/api/admin/queue/waiting?limit=1").map(\.name) == ["Two"])
        }
    }

    @Test("a worker is drained with a reason, and takes jobs again") func drain() async throws {
        try await withAPI(Self.environment) { client, api in
            try await api.execute(
                "INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm) VALUES ('vm-1', 'v4', 4, 0, true, true)"
            )
            func act(_ path: String, _ body: String = "") async throws -> TestResponse {
                try await client.executeRequest(
                    uri: "/api/admin/workers/\(path)",
                    method: .post,
                    headers: Self.operatorHeaders,
                    body: ByteBuffer(string: body)
                )
            }
            func isDraining() async throws -> Bool? {
                let uri = "/api/admin/workers"
                let answer = try await client.executeRequest(uri: uri, method: .get, headers: Self.operatorHeaders, body: nil)
                return (answer.object["workers"] as? [[String: Any]])?.first?["draining"] as? Bool
            }
            #expect(try await act("vm-1/drain", "{}").status == .badRequest)
            #expect(try await act("vm-9/drain", #"{"reason":"moving"}"#).status == .notFound)
            #expect(try await act("vm-1/drain", #"{"reason":"moving"}"#).status == .ok)
            #expect(try await isDraining() == true)
            #expect(try await act("vm-1/undrain").object["message"] as? String == "vm-1 takes jobs again")
            #expect(try await act("vm-1/undrain").object["message"] as? String == "vm-1 was not drained")
            #expect(try await isDraining() == false)
            let audit = try await api.pool.query("SELECT detail FROM audit WHERE action = 'worker.drain' AND target = 'vm-1'")
            #expect(try audit.map { try $0["detail"] as String? } == ["moving"])
        }
    }

    @Test("a job is found, cancelled with a reason, refused a second time, and replayed") func job() async throws {
        try await withAPI(Self.environment) { client, _ in
            let created = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: [.contentType: "application/json"],
                body: ByteBuffer(string: #"{"name":"Acme","engine":"woocommerce"}"#)
            )
            let store = try #require(created.store["id"] as? String)
            let listed = try await client.executeRequest(
                uri: "/api/admin/jobs?state=queued&store=\(store)",
                method: .get,
                headers: Self.operatorHeaders,
                body: nil
            )
            let id = try #require((listed.object["jobs"] as? [[String: Any]])?.first?["id"] as? Int)
            let one = try await client.executeRequest(uri: "/api/admin/jobs/\(id)", method: .get, headers: Self.operatorHeaders, body: nil)
            #expect((one.object["position"] as? [String: Any])?["ahead"] as? Int == 0)
            func act(_ verb: String, _ body: String) async throws -> TestResponse {
                try await client.executeRequest(
                    uri: "/api/admin/jobs/\(id)/\(verb)",
                    method: .post,
                    headers: Self.operatorHeaders,
                    body: ByteBuffer(string: body)
                )
            }
            #expect(try await act("cancel", "{}").status == .badRequest)
            #expect(try await act("replay", "").status == .conflict)
            #expect(try await act("cancel", #"{"reason":"wrong plan"}"#).status == .ok)
            #expect(try await act("cancel", #"{"reason":"wrong plan"}"#).status == .conflict)
            let status = try await client.executeRequest(uri: "/api/stores/\(store)/status", method: .get, headers: [:], body: nil)
            #expect(status.object["status"] as? String == "failed")
            #expect(status.object["error_message"] as? String == "Cancelled by operator: wrong plan")
            #expect(try await act("replay", "").status == .accepted)
            #expect(try await act("replay", "").status == .conflict)
        }
    }

    @Test(
        "what is asked for wrongly is refused with what would be right",
        arguments: [
            "/api/admin/jobs?state=asleep", "/api/admin/jobs?kind=x", "/api/admin/jobs?store=x", "/api/admin/jobs?before=0",
            "/api/admin/jobs?limit=501",
        ]
    )
    func refusals(_ uri: String) async throws {
        try await withAPI(Self.environment) { client, _ in
            let response = try await client.executeRequest(uri: uri, method: .get, headers: Self.operatorHeaders, body: nil)
            #expect(response.status == .badRequest)
            #expect(response.error?.contains("must be") == true)
        }
    }

    @Test("locks, workers and orphans are lists, empty at first", arguments: ["locks", "workers", "orphans"]) func lists(_ name: String)
        async throws
    {
        try await withAPI(Self.environment) { client, _ in
            let response = try await client.executeRequest(
                uri: "/api/admin/\(name)",
                method: .get,
                headers: Self.operatorHeaders,
                body: nil
            )
            #expect(response.status == .ok)
            #expect((response.object[name] as? [Any])?.isEmpty == true)
        }
    }

    @Test("an hour of the queue is shown with what became of its jobs, and a worker's limits beside its slots") func hours() async throws {
        try await withAPI(Self.environment) { client, api in
            func shown(_ name: String) async throws -> [[String: Any]] {
                let uri = "/api/admin/\(name == "workers" ? name : "queue/\(name)")"
                let answer = try await client.executeRequest(uri: uri, method: .get, headers: Self.operatorHeaders, body: nil)
                return try #require(answer.object[name] as? [[String: Any]])
            }
            #expect(try await shown("hours").isEmpty)
            let records = StoreRecords(pool: api.pool)
            try await records.countQueueHours()
            let hours = try await shown("hours")
            #expect(hours.count == 2)
            #expect(hours.last?["failed"] as? Int == 0 && hours.last?["mostQueued"] as? Int == 0)
            let report = WorkerReport(
                worker: "w",
                version: "v4",
                slots: 8,
                busy: 0,
                kubernetes: true,
                helm: true,
                limits: ClassLimits(interactive: 5, background: 2)
            )
            try await records.report(report, charts: [])
            let worker = try #require(try await shown("workers").first)
            #expect(worker["slots"] as? Int == 8 && worker["interactiveLimit"] as? Int == 5 && worker["backgroundLimit"] as? Int == 2)
            try await api.execute("UPDATE worker_reports SET interactive_limit = NULL, background_limit = NULL")
            #expect(try await shown("workers").first?["interactiveLimit"] is NSNull)
        }
    }

    @Test("the nodes' capacity is shown once a worker has looked") func capacity() async throws {
        try await withAPI(Self.environment) { client, api in
            func shown() async throws -> [String: Any] {
                try await client.executeRequest(uri: "/api/admin/capacity", method: .get, headers: Self.operatorHeaders, body: nil).object
            }
            #expect(try await shown()["seenAt"] is NSNull)
            let node = ClusterCapacity.Node(
                name: "node-1",
                takesPods: true,
                allocatable: .init(cpu: 2_000, memory: 4 << 30, pods: 110),
                reserved: .init(cpu: 250, memory: 1 << 30, pods: 7)
            )
            try await StoreRecords(pool: api.pool).note(ClusterCapacity(nodes: [node]))
            let seen = try await shown()
            #expect(seen["seenAt"] is String)
            let nodes = try #require(seen["nodes"] as? [[String: Any]])
            #expect(nodes.first?["name"] as? String == "node-1")
            #expect(nodes.first?["reserved"] as? [String: Int] == ["cpuMillis": 250, "memoryBytes": 1 << 30, "pods": 7])
        }
    }
}
