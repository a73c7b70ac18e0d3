import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import StoreDomain
import StoreRecords
import Testing

@Suite struct ChangeTests {
    /// The API with one store of ada's that is ready, as a worker leaves it, and with the charts that a worker reported.
    struct World {
        let client: any TestClientProtocol
        let api: APIUnderTest
        let path: String

        init(_ client: any TestClientProtocol, _ api: APIUnderTest) async throws {
            (self.client, self.api) = (client, api)
            try await ChangeTests.report(api)
            let made = try await ChangeTests.create(client, #"{"name":"Acme","engine":"woocommerce"}"#)
            path = "/api/stores/" + (try #require(made.store["id"] as? String))
            try await api.execute("UPDATE jobs SET state = 'succeeded'")
            try await api.execute(
                """
                UPDATE stores SET status = 'ready', url = 'http://acme.localhost', first_ready_at = now(), applied_generation = 1,
                    version = '1.1.0', database_mib = 5120, uploads_mib = 10240
                """
            )
        }

        func patch(_ body: String, ifMatch: String? = nil) async throws -> TestResponse {
            var headers = ChangeTests.ada
            headers[.ifMatch] = ifMatch
            return try await client.executeRequest(uri: path, method: .patch, headers: headers, body: ByteBuffer(string: body))
        }

        /// The worker's part.
        func apply() async throws {
            try await api.execute("UPDATE jobs SET state = 'succeeded'")
            try await api.execute("UPDATE stores SET applied_generation = generation, activity = NULL")
        }
    }

    static let ada: HTTPFields = [.contentType: "application/json", .init("X-User-Id")!: "ada"]

    static func create(_ client: any TestClientProtocol, _ body: String, _ more: HTTPFields = [:]) async throws -> TestResponse {
        try await client.executeRequest(uri: "/api/stores", method: .post, headers: ada + more, body: ByteBuffer(string: body))
    }

    static func get(_ client: any TestClientProtocol, _ path: String) async throws -> TestResponse {
        try await client.executeRequest(uri: path, method: .get, headers: ada, body: nil)
    }

    static func report(_ api: APIUnderTest) async throws {
        let plan = ChartFacts.Plan(cpu: "1", memory: "512Mi", databaseMemory: "768Mi")
        let retention = PlanRetention("7d,4w,6m large=14d")
        func facts(_ version: String, current: Bool) throws -> ChartFacts {
            ChartFacts(
                engine: .woocommerce,
                version: try #require(ChartVersion(version)),
                appVersion: "11.2.0",
                isCurrent: current,
                defaultPlan: .medium,
                plans: [.small: plan, .medium: plan, .large: plan],
                storage: .init(database: "5Gi", uploads: "10Gi")
            ).keeping(retention)
        }
        try await StoreRecords(pool: api.pool).report(
            WorkerReport(worker: "w1", version: "1", slots: 2, busy: 0, kubernetes: true, helm: true),
            charts: [try facts("1.1.0", current: false), try facts("1.2.0", current: true)]
        )
    }

    @Test("one request is one generation and one job; the store stays ready, and its activity says what is done")
    func change() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let answer = try await world.patch(
                #"{"name":" Acme & Sons ","plan":"large","storage":{"uploads":"20Gi"},"version":"1.2.0"}"#,
                ifMatch: "\"1\""
            )
            #expect(answer.status == .accepted && answer.object["message"] as? String == "Store change started")
            #expect(answer.headers[.location] == world.path)
            let store = answer.store
            #expect(store["status"] as? String == "ready" && store["activity"] as? String == "upgrading")
            #expect(store["generation"] as? Int == 2 && store["appliedGeneration"] as? Int == 1)
            #expect(store["name"] as? String == "Acme & Sons" && store["plan"] as? String == "large")
            let spec = try #require(try await Self.get(client, world.path).store["spec"] as? [String: Any])
            #expect((spec["storage"] as? [String: Any])?["uploads"] as? String == "20Gi")
            #expect((spec["storage"] as? [String: Any])?["database"] as? String == "5Gi")
            #expect(spec["version"] as? String == "1.2.0" && spec["asleep"] as? Bool == false)
            let jobs = try await api.pool.query("SELECT kind, class FROM jobs WHERE state = 'queued'")
            #expect(try jobs.map { "\(try $0["kind"] as String) \(try $0["class"] as Int)" } == ["apply 1"])
            let audit = try await api.pool.query("SELECT actor, outcome FROM audit WHERE action = 'store.change'")
            #expect(try audit.map { "\(try $0["actor"] as String) \(try $0["outcome"] as String)" } == ["ada done"])
            try await world.apply()
            #expect(try await world.patch(#"{"asleep":true}"#).store["activity"] as? String == "falling-asleep")
        }
    }

    @Test("what is as it was asked for makes no generation", arguments: [#"{"name":"Acme"}"#, #"{"asleep":false,"plan":"medium"}"#])
    func unchanged(body: String) async throws {
        try await withAPI { client, api in
            let answer = try await World(client, api).patch(body)
            #expect(answer.status == .ok && answer.store["generation"] as? Int == 1)
        }
    }

    @Test("a condition that is stale changes nothing and tells the generation", arguments: ["\"2\"", "7"])
    func stale(condition: String) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let answer = try await world.patch(#"{"plan":"small"}"#, ifMatch: condition)
            #expect(answer.status == .preconditionFailed && answer.object["code"] as? String == "stale")
            #expect(answer.object["generation"] as? Int == 1 && answer.headers[.eTag] == "\"1\"")
            #expect(try await Self.get(client, world.path).store["plan"] as? String == "medium")
        }
    }

    @Test("a condition that holds lets the change through", arguments: ["\"1\"", "1", "*"])
    func holds(condition: String) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            #expect(try await world.patch(#"{"plan":"small"}"#, ifMatch: condition).status == .accepted)
        }
    }

    struct Wrong: Sendable {
        let body: String
        var condition: String?
        var code = "invalid-value"
        let field: String?
        let error: String
    }

    static let wrongs =
        [
            Wrong(
                body: "{}",
                code: "required",
                field: nil,
                error: "Nothing to change: give at least one of name, plan, storage, version, asleep, awakeSchedule"
            ),
            Wrong(
                body: #"{"storage":{}}"#,
                code: "required",
                field: nil,
                error: "Nothing to change: give at least one of name, plan, storage, version, asleep, awakeSchedule"
            ),
            Wrong(
                body: #"{"engine":"medusa"}"#,
                code: "unknown-field",
                field: "engine",
                error: "engine is no field of this request: there are name, plan, storage, version, asleep, awakeSchedule"
            ),
            Wrong(
                body: #"{"storage":{"cache":"1Gi"}}"#,
                code: "unknown-field",
                field: "storage.cache",
                error: "storage.cache is no field of this request: there are storage.database, storage.uploads"
            ),
            Wrong(body: #"{"storage":"10Gi"}"#, code: "wrong-type", field: "storage", error: "storage must be an object"),
            Wrong(
                body: #"{"storage":{"database":10}}"#,
                code: "wrong-type",
                field: "storage.database",
                error: "storage.database must be a string"
            ),
            Wrong(
                body: #"{"storage":{"database":"10G"}}"#,
                field: "storage.database",
                error: "storage.database must be a size of whole Mi, Gi or Ti up to 64Ti, e.g. 10Gi"
            ),
            Wrong(
                body: #"{"storage":{"uploads":"9Gi"}}"#,
                code: "smaller",
                field: "storage.uploads",
                error: "A volume cannot shrink: storage.uploads is 10Gi now"
            ),
            Wrong(body: #"{"name":" "}"#, code: "required", field: "name", error: "Store name is required"),
            Wrong(body: #"{"plan":"huge"}"#, field: "plan", error: "plan must be one of small, medium, large"),
            Wrong(
                body: #"{"awakeSchedule":"weekdays","plan":"small"}"#,
                field: "awakeSchedule",
                error: "awakeSchedule must be null or \(AwakeSchedule.form)"
            ),
            Wrong(body: #"{"awakeSchedule":true}"#, code: "wrong-type", field: "awakeSchedule", error: "awakeSchedule must be a string"),
            Wrong(body: #"{"asleep":1}"#, field: "asleep", error: "asleep must be true or false"),
            Wrong(body: #"{"version":"new"}"#, field: "version", error: "version must be a version of the store's chart, e.g. 1.2.0"),
            Wrong(
                body: #"{"version":"9.9.9"}"#,
                field: "version",
                error: "No worker has this version of the store's chart: there are 1.2.0, 1.1.0"
            ),
        ]
        + ["W/\"1\"", "\"1\", \"2\"", "0", "-1", "01", "\"", "abc", ""].map {
            Wrong(
                body: #"{"plan":"small"}"#,
                condition: $0,
                field: "If-Match",
                error: "If-Match must be the store's generation, e.g. \"3\", or *"
            )
        }

    @Test("a bad value is refused with its field and what is allowed", arguments: wrongs)
    func wrong(_ wrong: Wrong) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let answer = try await world.patch(wrong.body, ifMatch: wrong.condition)
            #expect(answer.status == .badRequest && answer.error == wrong.error)
            #expect(answer.object["code"] as? String == wrong.code && answer.object["field"] as? String == wrong.field)
            #expect(try await Self.get(client, world.path).store["generation"] as? Int == 1)
        }
    }

    @Test(
        "a store that cannot be changed now says why",
        arguments: [
            ("status = 'provisioning'", "The store is being made: change it once it is ready"),
            ("status = 'deleting'", "The store is being deleted"),
            ("drift = 'release'", "Something of the store was removed outside Store Weaver: retry it first"),
            (
                "status = 'failed'",
                "The store has failed: until a retry has made it ready, only its name, plan and version can be changed, and nothing after a failed deletion, restore or upgrade"
            ),
        ]
    )
    func notReady(state: String, error: String) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            // Being made again, as by a retry: a ready store does not go there in one step.
            if state.contains("provisioning") { try await api.execute("UPDATE stores SET status = 'failed'") }
            try await api.execute(SQL(unsafe: "UPDATE stores SET \(state)"))
            let answer = try await world.patch(#"{"asleep":true}"#)
            #expect(answer.status == .conflict && answer.error == error)
            #expect(answer.object["code"] as? String == "not-ready")
        }
    }

    @Test("units limit plans when a store is made and changed; asleep a store counts half")
    func units() async throws {
        try await withAPI(["MAX_UNITS_PER_USER": "3"]) { client, api in
            let world = try await World(client, api)
            func units() async throws -> [String: Int]? { try await Self.get(client, "/api/me").object["units"] as? [String: Int] }
            #expect(try await units() == ["used": 2, "limit": 3])
            let tooMuch = try await world.patch(#"{"plan":"large"}"#)
            #expect(tooMuch.status == .tooManyRequests && tooMuch.object["code"] as? String == "unit-limit")
            #expect(tooMuch.object["field"] as? String == "plan" && tooMuch.error?.contains("(2/3 units)") == true)
            let second = try await Self.create(client, #"{"name":"Second","engine":"woocommerce","plan":"medium"}"#)
            #expect(second.status == .tooManyRequests && second.object["field"] as? String == "plan")
            #expect(try await world.patch(#"{"asleep":true}"#).status == .accepted)
            // It counts as less once nothing of it runs.
            #expect(try await units() == ["used": 2, "limit": 3])
            try await api.execute(
                "UPDATE stores SET applied_generation = generation, activity = NULL, weight = store_weight(plan, asleep)"
            )
            #expect(try await units() == ["used": 1, "limit": 3])
            let third = try await Self.create(client, #"{"name":"Third","engine":"woocommerce","plan":"medium"}"#)
            #expect(third.status == .accepted && third.store["plan"] as? String == "medium")
            #expect(try await units() == ["used": 3, "limit": 3])
        }
    }

    @Test("plans and versions are what workers reported; none while no worker is there")
    func offers() async throws {
        try await withAPI { client, api in
            for (path, lists) in [("/api/plans", ["plans", "engines"]), ("/api/versions", ["versions"])] {
                let answer = try await Self.get(client, path)
                #expect(answer.status == .ok && lists.allSatisfy { (answer.object[$0] as? [Any])?.isEmpty == true })
            }
            try await Self.report(api)
            let offer = try await Self.get(client, "/api/plans").object
            let plans = try #require(offer["plans"] as? [[String: Any]])
            #expect(plans.map { $0["name"] as? String } == ["small", "medium", "large"])
            #expect(plans.map { $0["units"] as? Int } == [1, 2, 4])
            #expect(plans.map { $0["backupKeep"] as? String } == ["7d,4w,6m", "7d,4w,6m", "14d"])
            let gives = ["engine": "woocommerce", "cpu": "1", "memory": "512Mi", "databaseMemory": "768Mi"]
            #expect(plans[0]["engines"] as? [[String: String]] == [gives])
            let engine = try #require((offer["engines"] as? [[String: Any]])?.first)
            #expect(engine["engine"] as? String == "woocommerce" && engine["defaultPlan"] as? String == "medium")
            #expect(engine["storage"] as? [String: String] == ["database": "5Gi", "uploads": "10Gi"])
            let versions = try #require(try await Self.get(client, "/api/versions").object["versions"] as? [[String: Any]])
            #expect(versions.map { $0["version"] as? String } == ["1.2.0", "1.1.0"])
            #expect(versions.map { $0["current"] as? Bool } == [true, false])
        }
    }

    @Test("lists are filtered by plan, version and sleep")
    func filters() async throws {
        try await withAPI { client, api in
            _ = try await World(client, api)
            _ = try await Self.create(client, #"{"name":"Other","engine":"medusa","plan":"small"}"#)
            try await api.execute("UPDATE stores SET asleep = true WHERE name = 'Acme'")
            for (query, names) in [
                ("plan=small", ["Other"]), ("plan=small,medium", ["Other", "Acme"]), ("asleep=true", ["Acme"]), ("asleep=false", ["Other"]),
                ("version=1.1.0", ["Acme"]), ("version=1.2.0", []),
            ] {
                let stores = try await Self.get(client, "/api/stores?" + query).object["stores"] as? [[String: Any]]
                #expect(stores?.map { $0["name"] as? String } == names, "\(query)")
            }
        }
    }

    @Test("the key of a request without a plan has the digest that it had before there were plans; another plan is another body")
    func keys() async throws {
        try await withAPI { client, api in
            let key: HTTPFields = [.init("Idempotency-Key")!: "k1"]
            let body = #"{"name":"One","engine":"medusa"}"#
            #expect(try await Self.create(client, body, key).status == .accepted)
            // SHA-256 of "One", "medusa" and "ada" with a zero byte between them.
            let digests = try await api.pool.query("SELECT body_digest FROM idempotency_keys")
            #expect(try digests.map { try $0["body_digest"] as String } == [Self.digest])
            #expect(try await Self.create(client, body, key).status == .accepted)
            let other = try await Self.create(client, #"{"name":"One","engine":"medusa","plan":"small"}"#, key)
            #expect(other.status == .unprocessableContent)
        }
    }

    private static let digest = "9ba6e71a58cd1cd6590d36d6de908513ee10bae02c5b52a85141767434bd6dcc"
}

extension HTTPFields {
    fileprivate static func + (left: HTTPFields, right: HTTPFields) -> HTTPFields {
        var both = left
        both.append(contentsOf: right)
        return both
    }
}
