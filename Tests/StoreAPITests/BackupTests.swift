import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct BackupTests {
    /// A ready store of ada's, and a worker that keeps backups.
    struct World {
        let change: ChangeTests.World
        let records: StoreRecords
        let id: StoreID

        init(_ client: any TestClientProtocol, _ api: APIUnderTest, keeps: Bool = true) async throws {
            change = try await ChangeTests.World(client, api)
            records = StoreRecords(pool: api.pool)
            id = try #require(StoreID(String(change.path.split(separator: "/").last ?? "")))
            let report = WorkerReport(worker: "w1", version: "1", slots: 2, busy: 0, kubernetes: true, helm: true, keepsBackups: keeps)
            try await records.report(report, charts: [])
        }

        func send(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, as headers: HTTPFields = ChangeTests.ada)
            async throws
            -> TestResponse
        {
            try await change.client.executeRequest(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }

        /// The path below the store's.
        func ask(_ what: String, _ body: String? = nil, as headers: HTTPFields = ChangeTests.ada) async throws -> TestResponse {
            try await send(.post, "\(change.path)/\(what)", body, as: headers)
        }

        func backups() async throws -> [[String: Any]] {
            try await send(.get, "\(change.path)/backups").object["backups"] as? [[String: Any]] ?? []
        }

        /// The worker's part of whatever job of the store is queued.
        func work(_ settlement: AttemptOutcome, on store: StoreID? = nil) async throws {
            let queued = try await records.queuedDescriptors(limit: 100, after: nil)
            let job = try #require(queued.first { $0.store == store ?? id })
            let claimed = try await records.claim(job, worker: "w1", times: LeaseTimes(), limits: ClassLimits(interactive: 9))
            guard case .claimed(let claim) = claimed else { throw TestSupportError(message: "not claimed: \(claimed)") }
            let contents = BackupContents(
                snapshot: String(repeating: "a", count: 64),
                files: nil,
                databaseBytes: 1_000,
                fileBytes: 24,
                addedBytes: 10,
                products: 3,
                orders: 2
            )
            if job.kind == .backup || claim.wantsFinalBackup {
                let backup = try await records.beginBackup(job.kind == .backup ? .manual : .final, under: claim)
                try await records.endBackup(backup.id, .success(contents), under: claim)
            }
            _ = try await records.settle(claim, as: settlement)
        }

        /// A backup that is done.
        func backup() async throws -> String {
            let asked = try await ask("backups")
            try await work(.done)
            return try #require((asked.object["backup"] as? [String: Any])?["id"] as? String)
        }
    }

    private static let eve: HTTPFields = [.contentType: "application/json", .init("X-User-Id")!: "eve"]

    @Test("the list says when the next nightly backup is due, where there is to be one") func next() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let path = "\(world.change.path)/backups"
            #expect(try await world.send(.get, path).object["nextBackupAt"] is NSNull)
            #expect(try await world.send(.get, path).object["usedBytes"] as? Int == 0)
            for _ in 0..<2 { _ = try await world.backup() }
            #expect(try await world.send(.get, path).object["usedBytes"] as? Int == 20, "the repository grew by 10 with each")
            _ = try await api.pool.query("UPDATE stores SET next_backup_at = '2026-12-01T02:30:00Z'")
            #expect(try await world.send(.get, path).object["nextBackupAt"] as? String == "2026-12-01T02:30:00.000Z")
            _ = try await api.pool.query("UPDATE worker_reports SET keeps_backups = false")
            #expect(try await world.send(.get, path).object["nextBackupAt"] is NSNull)
        }
    }

    @Test("a backup is accepted, listed with what it has, and named while it runs") func take() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            #expect(try await world.backups().isEmpty)
            let asked = try await world.ask("backups")
            #expect(asked.status == .accepted && asked.headers[.location] == "\(world.change.path)/backups")
            let backup = try #require(asked.object["backup"] as? [String: Any])
            #expect(backup["kind"] as? String == "manual" && backup["status"] as? String == "running" && backup["size"] is NSNull)
            let again = try await world.ask("backups", "{}")
            #expect(again.status == .conflict && again.object["code"] as? String == "backup-running")
            #expect(again.error?.contains(backup["id"] as? String ?? "-") == true)
            var store = try await ChangeTests.get(client, world.change.path).store
            #expect(
                store["activity"] as? String == "backing-up" && store["lastBackupAt"] is NSNull && store["status"] as? String == "ready"
            )
            try await world.work(.done)
            let listed = try #require(try await world.backups().first)
            #expect(listed["status"] as? String == "done" && listed["size"] as? Int == 1_024 && listed["databaseBytes"] as? Int == 1_000)
            #expect(listed["fileBytes"] as? Int == 24 && listed["products"] as? Int == 3 && listed["orders"] as? Int == 2)
            #expect(
                listed["error"] is NSNull && listed["verifiedAt"] is NSNull && listed["finishedAt"] is String
                    && listed["version"] as? String == "1.1.0"
            )
            store = try await ChangeTests.get(client, world.change.path).store
            #expect(store["activity"] is NSNull && store["lastBackupAt"] is String && store["restoredFrom"] is NSNull)
            #expect(try await world.ask("backups", #"{"kind":"nightly"}"#).object["code"] as? String == "unknown-field")
            #expect(try await world.send(.get, "\(world.change.path)/backups", as: Self.eve).status == .notFound)
            #expect(try await world.ask("backups", as: Self.eve).status == .notFound)
        }
    }

    @Test("ten backups a day; none of a store that was never ready") func limits() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            for _ in 0..<10 { _ = try await world.backup() }
            let refused = try await world.ask("backups")
            #expect(refused.status == .tooManyRequests && refused.object["code"] as? String == "too-many-backups")
            let made = try await ChangeTests.create(client, #"{"name":"New","engine":"medusa"}"#)
            let new = try await world.send(.post, "/api/stores/\(made.store["id"] ?? "")/backups")
            #expect(new.status == .conflict && new.object["code"] as? String == "not-ready" && new.error?.contains("never ready") == true)
        }
    }

    @Test(
        "where no worker keeps backups nothing is made of them, and a deletion simply deletes",
        arguments: ["backups", "restore", "clone"]
    )
    func noKeepers(what: String) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api, keeps: false)
            let body = ["restore": #"{"backup":"0123456789ab"}"#, "clone": #"{"name":"Copy"}"#][what]
            let answer = try await world.ask(what, body)
            #expect(answer.status == .notImplemented && answer.object["code"] as? String == "no-backups")
            #expect(answer.error == "This installation keeps no backups.")
            #expect(try await world.send(.get, "\(world.change.path)/backups").object["keepsBackups"] as? Bool == false)
            #expect(try await world.send(.get, "/api/stores/deleted").object["keepDays"] as? Int == 0)
            let from = try await ChangeTests.create(client, #"{"name":"New","engine":"woocommerce","from":{"backup":"0123456789ab"}}"#)
            #expect(from.status == .notImplemented)
            #expect(try await world.send(.delete, world.change.path).status == .accepted)
            #expect(try await api.pool.query("SELECT 1 FROM jobs WHERE wants_final").isEmpty)
        }
    }

    @Test("a restore is a job of a store that stays ready, with the backup that was named") func restore() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let backup = try await world.backup()
            let answer = try await world.ask("restore", #"{"backup":"\#(backup)","confirm":"acme"}"#)
            #expect(answer.status == .accepted && answer.object["message"] as? String == "Store restore started")
            #expect(answer.store["status"] as? String == "ready" && answer.store["activity"] as? String == "restoring")
            let jobs = try await api.pool.query("SELECT kind, backup_id FROM jobs WHERE state = 'queued'")
            #expect(try jobs.map { "\(try $0["kind"] as String) \(try $0["backup_id"] as String)" } == ["restore \(backup)"])
            let busy = try await world.ask("restore", #"{"backup":"\#(backup)"}"#)
            #expect(busy.status == .conflict && busy.object["code"] as? String == "busy")
            let changed = try await world.change.patch(#"{"plan":"large"}"#)
            #expect(changed.status == .conflict && changed.object["code"] as? String == "not-ready")
            let audit = try await api.pool.query("SELECT outcome FROM audit WHERE action = 'store.restore' ORDER BY id")
            #expect(try audit.map { try $0["outcome"] as String } == ["done", "refused"])
        }
    }

    @Test(
        "a restore is refused for what cannot be restored",
        arguments: [
            (#"{}"#, 400, "required", "backup"), (#"{"backup":"nonsense"}"#, 400, "invalid-value", "backup"),
            (#"{"backup":7}"#, 400, "wrong-type", "backup"), (#"{"backup":"0123456789ab"}"#, 400, "backup-not-found", "backup"),
            (#"{"backup":"DONE","confirm":"other"}"#, 400, "invalid-value", "confirm"),
            (#"{"backup":"DONE","force":true}"#, 400, "unknown-field", "force"),
            (#"{"backup":"NEWER"}"#, 409, "newer-version", "backup"), (#"{"backup":"STRANGE"}"#, 400, "backup-not-found", "backup"),
            (#"{"backup":"RUNNING"}"#, 409, "backup-not-done", "backup"),
        ]
    )
    func refusals(body: String, status: Int, code: String, field: String) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let done = try await world.backup()
            let newer = try await world.backup()
            try await api.execute("UPDATE backups SET chart_version = '1.10.0' WHERE id = \(newer)")
            let other = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: Self.eve,
                body: ByteBuffer(string: #"{"name":"Eve","engine":"woocommerce"}"#)
            )
            let strange = BackupID.random().rawValue
            try await api.execute(
                """
                INSERT INTO backups (id, store_id, kind, status, finished_at, snapshot, database_bytes, file_bytes, added_bytes, products, orders)
                SELECT \(strange), \(other.store["id"] as? String), 'manual', 'done', finished_at, snapshot, 1, 1, 1, 1, 1 FROM backups WHERE id = \(done)
                """
            )
            let running = try #require((try await world.ask("backups").object["backup"] as? [String: Any])?["id"] as? String)
            let words = ["DONE": done, "NEWER": newer, "STRANGE": strange, "RUNNING": running]
            let answer = try await world.ask("restore", words.reduce(body) { $0.replacing($1.key, with: $1.value) })
            #expect(answer.status.code == status && answer.object["code"] as? String == code && answer.object["field"] as? String == field)
            #expect(try await api.pool.query("SELECT 1 FROM jobs WHERE kind = 'restore'").isEmpty)
        }
    }

    @Test("a clone is made of a backup that is taken for it, with its owner's quotas; said twice with a key it is one") func clone()
        async throws
    {
        try await withAPI(["MAX_STORES_PER_USER": "2"]) { client, api in
            let world = try await World(client, api)
            var headers = ChangeTests.ada
            headers[.init("Idempotency-Key")!] = "copy-1"
            let body = #"{"name":"Acme Copy","slug":"acme-copy","staging":true}"#
            let answer = try await world.ask("clone", body, as: headers)
            #expect(answer.status == .accepted && answer.object["message"] as? String == "Store clone started")
            let copy = answer.store
            #expect(
                copy["namespace"] as? String == "store-acme-copy" && copy["staging"] as? Bool == true
                    && copy["status"] as? String == "provisioning"
            )
            #expect(copy["plan"] as? String == "medium" && answer.headers[.location] == "/api/stores/\(copy["id"] ?? "")")
            let source = try #require(try await world.backups().first)
            #expect(copy["restoredFrom"] as? String == source["id"] as? String && source["kind"] as? String == "manual")
            try await world.work(.done)
            let again = try await world.ask("clone", body, as: headers)
            #expect(again.status == .accepted && again.store["id"] as? String == copy["id"] as? String)
            #expect(try await world.ask("clone", #"{"name":"Other"}"#, as: headers).status == .unprocessableContent)
            let full = try await world.ask("clone", #"{"name":"Third"}"#)
            #expect(full.status == .tooManyRequests && full.object["code"] as? String == "store-limit")
            // What was queued for copies that are not made is withdrawn.
            #expect(try await world.backups().count == 1)
            #expect(try await ChangeTests.get(client, world.change.path).store["activity"] is NSNull)
            let audit = try await api.pool.query("SELECT outcome FROM audit WHERE action = 'store.clone' ORDER BY id")
            #expect(try audit.map { try $0["outcome"] as String } == ["done", "done", "refused", "refused"])
        }
    }

    @Test(
        "a clone is made of a backup that is named, and refused as a new store is",
        arguments: [
            (#"{}"#, 400, "required", "name"), (#"{"name":"X","staging":"yes"}"#, 400, "invalid-value", "staging"),
            (#"{"name":"X","slug":"No Slug"}"#, 400, "invalid-value", "slug"), (#"{"name":"X","slug":"acme"}"#, 409, "slug-taken", "slug"),
            (#"{"name":"X","slug":"www"}"#, 409, "slug-taken", "slug"),
            (#"{"name":"X","backup":"0123456789ab"}"#, 400, "backup-not-found", "backup"),
            (#"{"name":"X","engine":"medusa"}"#, 400, "unknown-field", "engine"), (#"{"name":"X","backup":"DONE"}"#, 202, "", ""),
        ]
    )
    func cloneBodies(body: String, status: Int, code: String, field: String) async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let done = try await world.backup()
            let answer = try await world.ask("clone", body.replacing("DONE", with: done))
            #expect(
                answer.status.code == status && answer.object["code"] as? String ?? "" == code
                    && answer.object["field"] as? String ?? "" == field
            )
            #expect(status != 202 || answer.store["restoredFrom"] as? String == done)
            #expect(try await world.backups().count == 1)
        }
    }

    @Test("a new store can be filled with a backup of its owner's, of its engine") func from() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            let done = try await world.backup()
            func create(_ engine: String, _ from: String, as headers: HTTPFields = [:]) async throws -> TestResponse {
                try await ChangeTests.create(client, #"{"name":"New","engine":"\#(engine)","from":\#(from)}"#, headers)
            }
            let made = try await create("woocommerce", #"{"backup":"\#(done)"}"#)
            #expect(made.status == .accepted && made.store["restoredFrom"] as? String == done && made.store["staging"] as? Bool == false)
            let engine = try await create("medusa", #"{"backup":"\#(done)"}"#)
            #expect(engine.status == .badRequest && engine.object["field"] as? String == "from.backup")
            #expect(try await create("woocommerce", "{}").object["code"] as? String == "required")
            #expect(try await create("woocommerce", #"{"store":"x"}"#).object["field"] as? String == "from.store")
            let eve = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: Self.eve,
                body: ByteBuffer(string: #"{"name":"New","engine":"woocommerce","from":{"backup":"\#(done)"}}"#)
            )
            #expect(eve.status == .badRequest && eve.object["code"] as? String == "backup-not-found")
        }
    }

    @Test("a store that is deleted is listed and brought back in its place, once; a purge leaves nothing") func undelete() async throws {
        try await withAPI(["KEEP_DELETED_DAYS": "3"]) { client, api in
            let world = try await World(client, api)
            #expect(try await world.ask("undelete").object["code"] as? String == "not-deleted")
            #expect(try await world.send(.delete, "\(world.change.path)?purge=maybe").object["field"] as? String == "purge")
            #expect(try await world.send(.delete, world.change.path).status == .accepted)
            try await world.work(.gone)
            #expect(try await ChangeTests.get(client, world.change.path).status == .notFound)
            let answer = try await world.send(.get, "/api/stores/deleted").object
            #expect(answer["keepDays"] as? Int == 3)
            let deleted = try #require((answer["stores"] as? [[String: Any]])?.first)
            #expect(
                deleted["id"] as? String == world.id.rawValue && deleted["name"] as? String == "Acme"
                    && deleted["plan"] as? String == "medium"
            )
            #expect(
                (deleted["backup"] as? [String: Any])?["kind"] as? String == "final" && deleted["keptUntil"] is String
                    && deleted["deletedAt"] is String
            )
            #expect((try await world.send(.get, "/api/stores/deleted", as: Self.eve).object["stores"] as? [Any])?.isEmpty == true)
            #expect(try await world.ask("undelete", as: Self.eve).status == .notFound)

            let back = try await world.ask("undelete")
            #expect(back.status == .accepted && back.store["id"] as? String != world.id.rawValue)
            #expect(back.store["namespace"] as? String == "store-acme" && back.store["name"] as? String == "Acme")
            let again = try await world.ask("undelete")
            #expect(again.status == .accepted && again.store["id"] as? String == back.store["id"] as? String)
            #expect((try await world.send(.get, "/api/stores/deleted").object["stores"] as? [Any])?.isEmpty == true)
            let audit = try await api.pool.query("SELECT target FROM audit WHERE action = 'store.undelete'")
            #expect(try audit.map { try $0["target"] as String } == [try #require(back.store["id"] as? String)])

            let purged = try await world.send(.delete, "\(world.change.path)?purge=true")
            #expect(purged.status == .accepted)
            #expect((try await world.send(.get, "/api/stores/deleted").object["stores"] as? [Any])?.isEmpty == true)
            #expect(try await world.send(.delete, "\(world.change.path)?purge=true").status == .notFound)
        }
    }

    @Test("what was kept of a store is kept no longer after its days, and nothing of one that was purged") func gone() async throws {
        try await withAPI { client, api in
            let world = try await World(client, api)
            _ = try await world.backup()
            #expect(try await world.send(.get, "\(world.change.path)/backups").object["keepsBackups"] as? Bool == true)
            #expect(try await world.send(.delete, "\(world.change.path)?purge=true").status == .accepted)
            #expect(try await api.pool.query("SELECT 1 FROM jobs WHERE wants_final OR keep_days > 0").isEmpty)
            try await world.work(.gone)
            #expect(try await world.ask("undelete").status == .notFound)
            try await api.execute("UPDATE stores SET kept_until = clock_timestamp() - interval '1 second'")
            let answer = try await world.ask("undelete")
            #expect(answer.status == .gone && answer.object["code"] as? String == "kept-no-longer")
            #expect(try await world.ask("undelete", #"{"name":"X"}"#).object["code"] as? String == "unknown-field")
        }
    }
}
