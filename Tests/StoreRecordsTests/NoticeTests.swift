import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// What happens to stores, and who is told of it.
@Suite struct NoticeTests {
    private static let everything = NoticeKind.events

    /// A channel whose target nobody opens here.
    private func channel(_ records: StoreRecords, of owner: ChannelOwner = .user(UserID("ada")!), events: [NoticeKind] = everything)
        async throws
        -> ChannelID
    {
        let target = ChannelTarget(.webhook, shown: "https://hooks.example.com", sealed: SealedText(key: "k1", text: "sealed"))
        let outcome = try await records.createChannel(.random(), of: owner, to: target, events: events, by: tester)
        guard case .accepted(let channel) = outcome else { throw TestSupportError(message: "no channel: \(outcome)") }
        return channel.id
    }

    private func readyStore(_ records: StoreRecords, _ name: String = "Acme", owner: String = "ada") async throws -> Store {
        let (store, descriptor) = try await records.accepted(name, owner: owner)
        let settled = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0")
        _ = try await records.settle(records.claimed(descriptor), as: settled)
        return store
    }

    /// Makes what waits due, however long it is to last yet.
    private func passTime(_ pool: PostgresPool) async throws {
        try await pool.query("UPDATE notices SET due_at = least(due_at, clock_timestamp()) WHERE told_at IS NULL")
    }

    private func set(_ assignments: String, of store: Store, _ pool: PostgresPool) async throws {
        try await pool.query(SQL(unsafe: "UPDATE stores SET \(assignments) WHERE id = '\(store.id.rawValue)'"))
    }

    private func told(_ records: StoreRecords, _ channel: ChannelID) async throws -> [NoticeKind] {
        try await records.deliveries(to: channel).reversed().map(\.kind)
    }

    @Test("what happens is written in the transaction in which it happens, and told once it is due") func outbox() async throws {
        try await withRecords { (records, pool) async throws in
            let (adas, all) = (try await channel(records), try await channel(records, of: .installation))
            let eves = try await channel(records, of: .user(UserID("eve")!))
            let store = try await readyStore(records)
            // What is taken back was never told.
            _ = try? await pool.withTransaction { transaction throws(PostgresError) in
                _ = try await transaction.query("UPDATE stores SET status = 'failed', error_message = 'x' WHERE id = \(store.id.rawValue)")
                throw PostgresError(code: .cancelled, message: "taken back")
            }
            #expect(try await records.tellNotices() == 1)
            #expect(try await told(records, adas) == [.storeReady])
            try await set("status = 'failed', error_message = 'The image cannot be pulled.'", of: store, pool)
            #expect(try await records.tellNotices() == 1)
            #expect(try await told(records, adas) == [.storeReady, .storeFailed])
            #expect(try await told(records, all) == [.storeReady, .storeFailed], "operators hear of every store")
            #expect(try await told(records, eves).isEmpty, "a stranger hears of none")

            let taken = try await records.takeDeliveries(limit: 9).filter { $0.channel == adas }
            let payload = try #require(try JSONSerialization.jsonObject(with: Data(taken[0].payload.utf8)) as? [String: Any])
            let about = (payload["data"] as? [String: Any])?["store"] as? [String: Any]
            #expect(payload["type"] as? String == "store.ready" && about?["id"] as? String == store.id.rawValue)
            #expect(about?["name"] as? String == "Acme" && payload["timestamp"] is String)
        }
    }

    @Test("a store is degraded once it was so for two minutes, and has recovered only where that was told") func health() async throws {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records, events: [.storeDegraded, .storeRecovered, .storeLost])
            let store = try await readyStore(records)
            try await set("health = 'degraded', health_cause = 'crash-loop'", of: store, pool)
            #expect(try await records.tellNotices() == 1, "that it is ready; two minutes are not over")
            try await set("health = 'healthy', health_cause = NULL", of: store, pool)
            try await passTime(pool)
            #expect(try await records.tellNotices() == 2)
            #expect(try await told(records, channel).isEmpty, "it was over before it counted")
            try await set("health = 'degraded', health_cause = 'crash-loop'", of: store, pool)
            try await passTime(pool)
            _ = try await records.tellNotices()
            try await set("health = 'healthy', health_cause = NULL", of: store, pool)
            _ = try await records.tellNotices()
            #expect(try await told(records, channel) == [.storeDegraded, .storeRecovered])
            try await set("drift = 'namespace', health = 'degraded'", of: store, pool)
            try await passTime(pool)
            _ = try await records.tellNotices()
            #expect(try await told(records, channel).last == .storeLost, "a lost store is not called degraded, too")
        }
    }

    @Test("a kind is told of a store once in 15 minutes, and what is so still is told then") func debounce() async throws {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records, events: [.storeDegraded])
            let store = try await readyStore(records)
            for _ in 1...3 {
                try await set("health = 'degraded', health_cause = 'crash-loop'", of: store, pool)
                try await passTime(pool)
                _ = try await records.tellNotices()
                try await set("health = 'healthy', health_cause = NULL", of: store, pool)
            }
            #expect(try await told(records, channel) == [.storeDegraded])
            try await set("health = 'degraded', health_cause = 'crash-loop'", of: store, pool)
            try await pool.query("UPDATE notices SET told_at = told_at - interval '15 minutes' WHERE told_at IS NOT NULL")
            try await passTime(pool)
            _ = try await records.tellNotices()
            #expect(try await told(records, channel) == [.storeDegraded, .storeDegraded])
        }
    }

    @Test("deleted stores, failed backups and full quotas are told; hidden stores and disabled accounts are not") func kinds() async throws
    {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records)
            let limits = StoreLimits(total: 100, perUser: 5)
            for name in ["One", "Two", "Three"] { _ = try await records.accepted(name, limits: limits) }
            #expect(try await records.tellNotices() == 0)
            let (store, _) = try await records.accepted("Four", limits: limits)
            _ = try await records.accepted("Five", limits: limits)
            _ = try await records.tellNotices()
            #expect(try await told(records, channel) == [.quotaNear])

            try await pool.query(
                """
                INSERT INTO backups (id, store_id, kind, job_id, generation, status) VALUES
                ('0123456789ab', \(store.id.rawValue), 'manual', 1, 1, 'running'), ('0123456789ac', \(store.id.rawValue), 'manual', 1, 1, 'running')
                """
            )
            try await pool.query(
                "UPDATE backups SET status = 'failed', finished_at = clock_timestamp(), failure_code = 'cancelled', failure = 'x' WHERE id = '0123456789ac'"
            )
            #expect(try await records.tellNotices() == 0)
            try await pool.query(
                "UPDATE backups SET status = 'failed', finished_at = clock_timestamp(), failure_code = 'task-failed', failure = 'x' WHERE id = '0123456789ab'"
            )
            _ = try await records.tellNotices()
            guard case .accepted(_, let removal, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil, by: tester)
            else {
                throw TestSupportError(message: "not deleted")
            }
            _ = try await records.settle(records.claimed(removal), as: .gone)
            _ = try await records.tellNotices()
            #expect(try await told(records, channel) == [.quotaNear, .backupFailed, .storeDeleted])

            let hidden = try await readyStore(records, "Hidden", owner: "ada")
            try await pool.query("DELETE FROM notices WHERE told_at IS NULL")
            try await set("verification = true", of: hidden, pool)
            try await set("status = 'failed', error_message = 'x'", of: hidden, pool)
            #expect(try await records.tellNotices() == 0)
            try await pool.query(
                "INSERT INTO accounts (id, email, password_hash, disabled_at) VALUES ('u012345678901234', 'a@b', 'x', clock_timestamp())"
            )
            let gone = try await self.channel(records, of: .user(UserID("u012345678901234")!))
            _ = try await readyStore(records, "Orphan", owner: "u012345678901234")
            #expect(try await records.tellNotices() == 1)
            #expect(try await told(records, gone).isEmpty)
        }
    }

    @Test("a quota that a larger plan fills is told of, once, and with what is known of it") func plans() async throws {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records, events: [.quotaNear])
            let store = try await readyStore(records)
            let limits = StoreLimits(total: 100, perUser: 100, unitsPerUser: 5)
            for plan in [StorePlan.medium, .large] {
                let change = ChangeRequest(store.id, StoreChange(plan: plan))
                guard case .accepted = try await records.change(change, limits: limits, by: tester) else {
                    throw TestSupportError(message: "not accepted")
                }
                try await passTime(pool)
                _ = try await records.tellNotices()
                #expect(try await told(records, channel) == (plan == .large ? [.quotaNear] : []))
            }
            let quota = try await pool.query(
                "SELECT body->'quota'->'units' AS units, body->'quota'->'stores'->>'limit' AS stores FROM notices WHERE kind = 'quota.near'"
            )
            #expect(try quota.first?["units"] == #"{"used": 4, "limit": 5}"#)
            #expect(try quota.first?["stores"] as String? == nil)
        }
    }

    @Test("an owner hears who joined, all of them, and where their store went; the new owner hears what is told from then on")
    func members() async throws {
        try await withRecords { (records, pool) async throws in
            let (adas, bobs) = (try await channel(records), try await channel(records, of: .user(UserID("bob")!)))
            let store = try await readyStore(records)
            _ = try await records.tellNotices()
            func join(_ user: String, _ invitation: NewInvitation) async throws {
                let token = TokenReference(
                    id: String(repeating: "0", count: 16 - user.count) + user.utf8.map { String($0 % 10) }.joined(),
                    secretHash: user
                )
                _ = try await records.invite(token, to: store.id, invitation, visibleTo: nil, by: tester)
                _ = try await records.acceptInvitation(
                    token,
                    as: try #require(UserID(user)),
                    email: nil,
                    role: .user,
                    limits: roomy,
                    traceparent: nil,
                    by: Operator(name: user, source: .api)
                )
            }
            for user in ["carol", "dan"] { try await join(user, .member(.viewer, email: nil)) }
            let joined = try await pool.query("SELECT body->>'message' AS message FROM notices WHERE kind = 'member.added'").first
            #expect(try joined?["message"] == "carol joined as viewer. dan joined as viewer")
            try await join("bob", .transfer(leavesAs: nil, email: nil))
            _ = try await records.tellNotices()
            #expect(try await told(records, adas) == [.storeReady, .storeTransferred])
            #expect(try await told(records, bobs) == [.memberAdded])
        }
    }

    @Test("a delivery is tried from 5 seconds on for three days, then its channel is paused and says why") func retries() async throws {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records)
            _ = try await readyStore(records)
            _ = try await records.tellNotices()
            var waits: [Double] = []
            var outcomes: [DeliveryOutcome] = []
            for _ in 1...10 {
                try await pool.query("UPDATE deliveries SET next_at = clock_timestamp()")
                let taken = try #require(try await records.takeDeliveries(limit: 9).first)
                outcomes.append(try await records.settle(taken, as: .failed(code: 502, error: "It answered 502")))
                let row = try await pool.query("SELECT extract(epoch FROM next_at - clock_timestamp())::float8 AS wait FROM deliveries")
                    .first
                waits.append(try row?["wait"] ?? 0)
                try await pool.query("UPDATE channels SET failing_since = failing_since - interval '8 hours'")
            }
            #expect(outcomes == Array(repeating: .retried, count: 9) + [.paused])
            let hours = waits[..<9].reduce(0, +) / 3_600
            #expect(waits[0] > 4 && waits[0] < 6)
            #expect(waits[8] > 77_000 && waits[8] < 96_000)
            #expect(hours > 66 && hours < 84)
            let paused = try #require(try await records.channels(of: .user(UserID("ada")!)).first)
            #expect(paused.state == .paused && paused.pausedReason?.contains("It answered 502") == true)
            #expect(try await records.deliveries(to: channel).map(\.status) == [.failed])
            #expect(try await records.testChannel(channel) == nil, "a paused channel is sent nothing")
            let resumed = try #require(try await records.resumeChannel(channel, by: tester))
            #expect(resumed.state == .active && resumed.failingSince == nil)
        }
    }

    @Test("410 pauses at once, one refusal among successes does not pause, a test is tried once") func ends() async throws {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records)
            _ = try await readyStore(records)
            _ = try await records.tellNotices()
            // The tenth attempt at something that this receiver never takes; the others came through.
            try await pool.query("UPDATE deliveries SET attempt = 9")
            let refused = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await records.settle(refused, as: .failed(code: 400, error: "It answered 400")) == .failed)
            #expect(try await records.testChannel(channel) != nil)
            let test = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await records.settle(test, as: .failed(code: nil, error: "No answer in time")) == .failed)
            #expect(try await records.deliveries(to: channel).first?.kind == .test)
            _ = try await readyStore(records, "Other")
            _ = try await records.tellNotices()
            let gone = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await records.settle(gone, as: .failed(code: 410, error: "It answered 410")) == .paused)
            #expect(try await records.channels(of: .user(UserID("ada")!)).first?.state == .paused)
        }
    }

    @Test("what waits for a channel that its owner pauses is given up, and not told when it is resumed") func pausedByOwner() async throws {
        try await withRecords { (records, _) async throws in
            let (id, owner) = (try await channel(records), ChannelOwner.user(UserID("ada")!))
            _ = try await readyStore(records)
            _ = try await records.tellNotices()
            #expect(try await records.deliveries(to: id).map(\.status) == [.waiting])
            for state in [Channel.State.paused, .active] {
                _ = try await records.changeChannel(id, of: owner, to: nil, events: nil, state: state, by: tester)
            }
            #expect(try await records.takeDeliveries(limit: 9).isEmpty)
            #expect(try await records.deliveries(to: id).map(\.status) == [.failed])
        }
    }

    @Test("couriers at once take each delivery once, one of a channel at a time, and what was lost is taken again") func couriers()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            for number in 0..<10 {
                let owner = "user-\(number)"
                _ = try await channel(records, of: .user(UserID(owner)!))
                for name in ["One", "Two", "Three"] { _ = try await readyStore(records, name, owner: owner) }
            }
            while try await records.tellNotices() > 0 {}
            let taken = try await withThrowingTaskGroup(of: [TakenDelivery].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var mine: [TakenDelivery] = []
                        while try await !pool.query("SELECT 1 FROM deliveries WHERE status = 'waiting' LIMIT 1").isEmpty {
                            let batch = try await records.takeDeliveries(limit: 3)
                            #expect(Set(batch.map(\.channel)).count == batch.count)
                            for delivery in batch {
                                #expect(try await records.settle(delivery, as: .delivered(code: 204)) == .delivered)
                            }
                            mine += batch
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.count == 30 && Set(taken.map { "\($0.id) \($0.channel)" }).count == 30 && taken.allSatisfy { $0.attempt == 1 })

            let channel = try #require(try await records.channels(of: .user(UserID("user-0")!)).first).id
            _ = try await records.testChannel(channel)
            let lost = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await records.takeDeliveries(limit: 9).isEmpty, "it has a minute")
            try await pool.query("UPDATE channels SET taken_until = clock_timestamp()")
            let again = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(again.id == lost.id && again.attempt == 2)
            #expect(try await records.settle(lost, as: .delivered(code: 200)) == .stale)
            #expect(try await records.settle(again, as: .delivered(code: 200)) == .delivered)
        }
    }

    @Test("the courier's role needs no more than the page of operations says") func role() async throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/operations.md")
        let grants = try String(contentsOf: page, encoding: .utf8).matches(of: /`(GRANT [^`]+) TO courier`/).map { String($0.1) }
        #expect(grants.count == 6)
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records)
            _ = try await readyStore(records)
            let database: String = try #require(try await pool.query("SELECT current_database() AS name").first)["name"]
            let couriers = PostgresPool(configuration: try await TestDatabases.configuration(of: database, poolSize: 1))
            let courier = StoreRecords(pool: couriers)
            // Roles are the server's, and tests run beside each other.
            let role = "courier_\(RandomToken.make())"
            try await pool.query(SQL(unsafe: "CREATE ROLE \(role)"))
            for grant in grants { try await pool.query(SQL(unsafe: "\(grant) TO \(role)")) }
            try await couriers.query(SQL(unsafe: "SET ROLE \(role)"))
            #expect(try await courier.tellNotices() == 1)
            let taken = try #require(try await courier.takeDeliveries(limit: 9).first)
            #expect(try await courier.settle(taken, as: .failed(code: 410, error: "It answered 410")) == .paused)
            try await pool.query(
                """
                INSERT INTO letters (id, key_id, sealed, ends_at)
                VALUES (\(RandomToken.make()), 'k1', 'sealed', clock_timestamp() + interval '1 hour')
                """
            )
            let letter = try #require(try await courier.takeLetters(limit: 9).first)
            #expect(try await courier.takeLetters(limit: 9).isEmpty, "it has a minute")
            try await courier.settle(letter, isOver: false)
            #expect(try await pool.query("SELECT 1 FROM letters WHERE next_at < clock_timestamp() + interval '7 seconds'").count == 1)
            try await courier.settle(letter, isOver: true)
            #expect(try await pool.query("SELECT 1 FROM letters").isEmpty)
            await #expect(throws: PostgresError.self) { try await couriers.query("SELECT name FROM stores") }
            await #expect(throws: PostgresError.self) { try await couriers.query("SELECT sealed FROM store_credentials") }
            await couriers.close()
            #expect(try await records.deliveries(to: channel).map(\.status) == [.failed])
        }
    }

    @Test("the oldest notice or delivery that could be sent is measured, where somebody listens") func metrics() async throws {
        try await withRecords { (records, pool) async throws in
            func figure(_ name: String, _ labels: [String: String] = [:]) async throws -> Double? {
                try await records.figures().first { $0.name == name && $0.labels == labels }?.value
            }
            _ = try await readyStore(records)
            try await pool.query("UPDATE notices SET due_at = due_at - interval '1 hour'")
            #expect(try await figure("notice_oldest_due_seconds") == 0, "nobody listens")
            let channel = try await channel(records)
            #expect(try await figure("notice_oldest_due_seconds") ?? 0 >= 3_600)
            _ = try await records.tellNotices()
            try await pool.query("UPDATE deliveries SET next_at = next_at - interval '2 hours'")
            #expect(try await figure("notice_oldest_due_seconds") ?? 0 >= 7_200)
            let taken = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await figure("notice_oldest_due_seconds") == 0, "it is being sent")
            _ = try await records.settle(taken, as: .failed(code: 502, error: "It answered 502"))
            #expect(try await figure("channels", ["state": "failing"]) == 1)
            _ = try await records.changeChannel(channel, of: .user(UserID("ada")!), to: nil, events: nil, state: .paused, by: tester)
            #expect(try await figure("channels", ["state": "paused"]) == 1)
        }
    }

    @Test("who gets an owner's stores gets the channels and what waits to be told") func mapping() async throws {
        try await withRecords { (records, pool) async throws in
            let channel = try await channel(records)
            let store = try await readyStore(records)
            try await pool.query("SELECT map_owner('ada', 'eve')")
            #expect(try await records.channels(of: .user(UserID("eve")!)).map(\.id) == [channel])
            _ = try await records.tellNotices()
            #expect(try await records.deliveries(to: channel).map(\.store) == [store.id])
        }
    }

    @Test("an owner has ten channels, and what is old goes with its deliveries") func limits() async throws {
        try await withRecords { (records, pool) async throws in
            let target = ChannelTarget(.webhook, shown: "https://hooks.example.com", sealed: SealedText(key: "k1", text: "sealed"))
            // At once: two that count before either is there would both find room.
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await records.createChannel(.random(), of: .user(UserID("ada")!), to: target, events: [.storeReady], by: tester)
                            != .tooMany
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 10)
            let eleventh = try await records.createChannel(
                .random(),
                of: .user(UserID("ada")!),
                to: target,
                events: [.storeReady],
                by: tester
            )
            #expect(eleventh == .tooMany)
            _ = try await readyStore(records)
            _ = try await records.tellNotices()
            try await pool.query("UPDATE notices SET at = at - interval '31 days'")
            #expect(try await records.prune(.notices, by: Retention()) == 0, "some wait")
            try await pool.query("UPDATE deliveries SET status = 'delivered', finished_at = clock_timestamp()")
            #expect(try await records.prune(.notices, by: Retention()) == 1)
            #expect(try await pool.query("SELECT 1 FROM deliveries").isEmpty)
        }
    }

    private func mailbox(_ records: StoreRecords, _ owner: String = "ada", at address: String = "ada@example.com") async throws
        -> CreateChannelOutcome
    {
        let target = ChannelTarget(.email, shown: address, sealed: SealedText(key: "k1", text: "sealed"))
        return try await records.createChannel(
            .random(),
            of: .user(try #require(UserID(owner))),
            to: target,
            events: [.storeReady],
            by: tester
        )
    }

    @Test("a mailbox is asked, told nothing before it is confirmed, and forgotten when nobody does") func mailboxes() async throws {
        try await withRecords { (records, pool) async throws in
            guard case .accepted(let channel) = try await mailbox(records) else {
                Issue.record("no channel")
                return
            }
            #expect(channel.state == .unconfirmed && channel.kind == .email)
            _ = try await readyStore(records)
            _ = try await records.tellNotices()
            #expect(try await records.deliveries(to: channel.id).map(\.kind) == [.channelConfirm])
            let taken = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await records.settle(taken, as: .delivered(code: 250)) == .delivered)
            // Asked again at once, it is still the same question.
            #expect(try await records.testChannel(channel.id) == taken.id)
            try await pool.query("UPDATE notices SET at = at - interval '11 minutes' WHERE kind = 'channel.confirm'")
            #expect(try await records.testChannel(channel.id) != taken.id)
            // Neither an owner nor an operator gets round the question.
            #expect(try await records.resumeChannel(channel.id, by: tester)?.state == .unconfirmed)
            await #expect(throws: PostgresError.self) {
                try await pool.query("UPDATE channels SET state = 'active' WHERE id = \(channel.id.rawValue)")
            }
            #expect(try await records.prune(.channels, by: Retention()) == 0)
            try await pool.query("UPDATE channels SET created_at = created_at - interval '8 days'")
            #expect(try await records.prune(.channels, by: Retention()) == 0, "it was asked again")
            try await pool.query("UPDATE notices SET at = at - interval '8 days'")
            #expect(try await records.prune(.channels, by: Retention()) == 1)
        }
    }

    @Test("who reads a mailbox confirms it, also while it is paused, and ends it for good") func answers() async throws {
        try await withRecords { (records, pool) async throws in
            guard case .accepted(let channel) = try await mailbox(records) else {
                Issue.record("no channel")
                return
            }
            let taken = try #require(try await records.takeDeliveries(limit: 9).first)
            #expect(try await records.settle(taken, as: .failed(code: 550, error: "No such user")) == .paused)
            #expect(try await records.answerChannel(channel.id, wanted: true) == "paused")
            #expect(try await records.resumeChannel(channel.id, by: tester)?.state == .active)
            _ = try await readyStore(records)
            _ = try await records.tellNotices()
            #expect(try await records.deliveries(to: channel.id).first?.kind == .storeReady)
            #expect(try await records.answerChannel(channel.id, wanted: false) == "stopped")
            #expect(try await records.answerChannel(channel.id, wanted: true) == nil)
            #expect(try await mailbox(records, "eve", at: "ADA@example.com") == .askedTooMany, "it said no")
            try await pool.query("UPDATE stopped_mailboxes SET at = at - interval '8 days'")
            #expect(try await records.prune(.stoppedMailboxes, by: Retention()) == 1)
            #expect(try await records.auditEntries(AuditQuery(target: channel.id.rawValue)).map(\.action).contains("channel.stop"))
        }
    }

    @Test("an address as long as one may be is confirmed and ended, too") func longAddress() async throws {
        try await withRecords { (records, _) async throws in
            let address = String(repeating: "a", count: 60) + "@" + String(repeating: "b.", count: 90) + "example.com"
            guard case .accepted(let channel) = try await mailbox(records, at: address) else {
                Issue.record("no channel")
                return
            }
            #expect(address.utf8.count > 200)
            #expect(try await records.answerChannel(channel.id, wanted: true) == "active")
            #expect(try await records.answerChannel(channel.id, wanted: false) == "stopped")
        }
    }

    @Test("nobody has the mailboxes of others filled: twenty are asked a day, deleted channels counted") func asking() async throws {
        try await withRecords { (records, _) async throws in
            for number in 0..<20 {
                guard case .accepted(let channel) = try await mailbox(records, at: "ada\(number)@example.com") else {
                    Issue.record("no channel")
                    return
                }
                _ = try await records.deleteChannel(channel.id, of: .user(UserID("ada")!), by: tester)
            }
            #expect(try await mailbox(records, at: "ada20@example.com") == .askedTooMany)
            // One mailbox is asked three times, whoever it is for and however it is written.
            for (owner, address) in [("eve", "Bob@example.com"), ("ann", "bob@example.com"), ("joe", "BOB@example.com")] {
                guard case .accepted = try await mailbox(records, owner, at: address) else {
                    Issue.record("another owner's are not counted")
                    return
                }
            }
            #expect(try await mailbox(records, "kim", at: "bob@example.com") == .askedTooMany)
        }
    }
}
