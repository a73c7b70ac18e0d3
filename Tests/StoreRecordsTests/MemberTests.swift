import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Who works on a store beside its owner, and what becomes of the rows of one that changes hands.
@Suite struct MemberTests {
    private let ada = UserID("ada")!
    private let bob = UserID("bob")!
    private let eve = UserID("eve")!

    private func ready(_ records: StoreRecords, _ name: String, owner: String = "ada") async throws -> Store {
        let (store, descriptor) = try await records.accepted(name, owner: owner)
        _ = try await records.settle(
            records.claimed(descriptor),
            as: .ready(url: "http://\(name.lowercased()).localhost", engineVersion: nil)
        )
        return try #require(try await records.store(store.id, visibleTo: nil))
    }

    private func token(_ number: Int = 1) -> TokenReference {
        TokenReference(id: String(repeating: "0", count: 15) + "\(number)", secretHash: String(repeating: "\(number)", count: 64))
    }

    private func offered(_ records: StoreRecords, _ store: Store, _ number: Int = 1, leavesAs: StoreRole? = nil) async throws
        -> TokenReference
    {
        let outcome = try await records.invite(
            token(number),
            to: store.id,
            .transfer(leavesAs: leavesAs, email: nil),
            visibleTo: StoreAccess(try #require(store.owner), .owner),
            by: tester
        )
        guard case .invited = outcome else { throw TestSupportError(message: "not offered: \(outcome)") }
        return token(number)
    }

    private func accept(_ records: StoreRecords, _ token: TokenReference, as user: UserID) async throws -> String {
        let outcome = try await records.acceptInvitation(
            token,
            as: user,
            email: nil,
            role: .user,
            limits: roomy,
            traceparent: nil,
            by: tester
        )
        return switch outcome {
        case .joined(_, let role): "joined as \(role.rawValue)"
        case .transferred: "transferred"
        case .isOwner: "is owner"
        case .storeLimitReached: "store limit"
        case .unitLimitReached: "unit limit"
        case .notReady: "not ready"
        case .otherAddress: "other address"
        case .invalid: "invalid"
        }
    }

    @Test(
        "a list has one's own stores and those one is a member of, in each order, without a gap between pages",
        arguments: StoreSort.allCases
    )
    func lists(sort: StoreSort) async throws {
        try await withRecords { (records, pool) async throws in
            var mine: Set<StoreID> = []
            for number in 0..<12 {
                let (store, _) = try await records.accepted("Shop \(number % 5)", owner: ["ada", "bob", "eve"][number % 3])
                if number % 3 == 0 { mine.insert(store.id) }
                if number % 3 == 1 {
                    mine.insert(store.id)
                    let role: StoreRole = number % 2 == 0 ? .viewer : .manager
                    let added = try await records.setMember(ada, of: store.id, to: role, visibleTo: StoreAccess(bob, .owner), by: tester)
                    #expect(added == .done)
                }
            }
            let whole = try await records.list(StoreQuery(visibleTo: ada, sort: sort)).stores.map(\.id)
            #expect(Set(whole) == mine && whole.count == 8)
            let everybodys = try await records.list(StoreQuery(sort: sort)).stores.map(\.id)
            #expect(whole == everybodys.filter { mine.contains($0) }, "the same order as in the list of all")
            var (paged, query): ([StoreID], StoreQuery) = ([], StoreQuery(visibleTo: ada, sort: sort, limit: 3))
            repeat {
                let page = try await records.list(query)
                paged += page.stores.map(\.id)
                query.after = page.next
            } while query.after != nil && paged.count < 20
            #expect(paged == whole)
        }
    }

    @Test("whoever follows their stores sees one come when they join, and go when they are no member any more") func following()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records, "Acme")
            let cursor = try await records.cursor()
            #expect(try await records.stores([store.id]).stores.map { $0.standing(for: bob) } == [.unseen])
            _ = try await records.setMember(bob, of: store.id, to: .viewer, visibleTo: nil, by: tester)
            let joined = try await records.stores(changedSince: cursor, visibleTo: bob, limit: 10)
            #expect(joined.stores.map { $0.standing(for: bob) } == [.there])
            #expect(joined.stores.map { $0.standing(for: eve) } == [.unseen] && joined.stores.map { $0.standing(for: nil) } == [.there])
            #expect(try await records.removeMember(bob, of: store.id, visibleTo: StoreAccess(bob, .manager), by: tester) == .done)
            let left = try await records.stores(changedSince: joined.cursor, visibleTo: bob, limit: 10)
            #expect(left.stores.map { $0.standing(for: bob) } == [.gone], "also who was away meanwhile hears that it is gone")
            #expect(left.stores.map { $0.standing(for: ada) } == [.there])
        }
    }

    @Test("with a store go its counts, its unfinished jobs, its domains and what is to be told; links and keys of before end")
    func transfer() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            try await pool.query(
                "INSERT INTO domains (store_id, owner, host, token) VALUES (\(store.id.rawValue), 'ada', 'shop.example.com', repeat('0', 32))"
            )
            try await pool.query("INSERT INTO idempotency_keys VALUES ('ada', 'k', 'd', \(store.id.rawValue))")
            try await pool.query(
                "INSERT INTO exports (id, store_id, backup_id) VALUES ('0123456789ab', \(store.id.rawValue), '0123456789ab')"
            )
            try await pool.query("INSERT INTO export_links (hash, export_id, actor) VALUES ('h', '0123456789ab', 'ada')")
            #expect(try await accept(records, try await offered(records, store), as: bob) == "transferred")
            let moved = try #require(try await records.store(store.id, visibleTo: StoreAccess(bob, .owner)))
            #expect(moved.owner == bob && moved.activity == .renewingPassword && moved.spec.adminRevision == store.spec.adminRevision + 1)
            #expect(try await records.store(store.id, visibleTo: access("ada")) == nil)
            let rows = try await pool.query(
                """
                SELECT (SELECT string_agg(DISTINCT owner, ',') FROM jobs WHERE state = 'queued') AS jobs,
                       (SELECT string_agg(owner, ',') FROM domains) AS domains, (SELECT count(*) FROM idempotency_keys) AS keys,
                       (SELECT count(*) FROM export_links) AS links, (SELECT count(*) FROM store_invitations) AS invitations,
                       (SELECT string_agg(DISTINCT owner, ',') FROM notices WHERE kind = 'store.ready') AS notices,
                       (SELECT owner FROM notices WHERE kind = 'store.transferred') AS told,
                       (SELECT string_agg(owner, ',') FROM usage_periods WHERE ended_at IS NULL) AS periods
                """
            )
            let row = try #require(rows.first)
            #expect(
                try ["jobs", "domains", "notices", "told", "periods"].map { try row[$0] as String? } == ["bob", "bob", "bob", "ada", "bob"]
            )
            #expect(try ["keys", "links", "invitations"].map { try row[$0] as Int } == [0, 0, 0])
            #expect(try await counted(pool) == ["total 1 2", "user:ada 0 0", "user:bob 1 2"])
        }
    }

    /// What `store_usage` says, and what there is, which has to be the same.
    private func counted(_ pool: PostgresPool) async throws -> [String] {
        let counted = try await pool.query("SELECT scope, used, weight FROM store_usage ORDER BY scope")
        let wrong = try await pool.query(
            """
            SELECT u.scope FROM store_usage u LEFT JOIN LATERAL (
                SELECT count(*) AS used, coalesce(sum(s.weight), 0) AS weight FROM stores s
                 WHERE 'user:' || s.owner = u.scope AND s.status <> 'deleting' AND s.deleted_at IS NULL) c ON true
            WHERE u.scope <> 'total' AND (u.used, u.weight) IS DISTINCT FROM (c.used, c.weight)
            """
        )
        #expect(wrong.isEmpty)
        return try counted.map { "\(try $0["scope"] as String) \(try $0["used"] as Int) \(try $0["weight"] as Int)" }
    }

    @Test("an offer is accepted once, whoever asks at the same moment, and two that cross do not wait for each other") func races()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let adas = try await ready(records, "Acme")
            let token = try await offered(records, adas)
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for user in [bob, eve, bob, eve] { group.addTask { try await accept(records, token, as: user) } }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(outcomes.sorted() == ["invalid", "invalid", "invalid", "transferred"])
            let there = try await offered(records, try await ready(records, "There"), 2)
            let back = try await offered(records, try await ready(records, "Back", owner: "bob"), 3)
            async let first = accept(records, there, as: bob)
            async let second = accept(records, back, as: ada)
            #expect(try await [first, second] == ["transferred", "transferred"])
            #expect(try await counted(pool).first == "total 3 6")
        }
    }

    @Test("a manager restores a store from its own backups, not from another store of its owner's") func restores() async throws {
        try await withRecords { (records, pool) async throws in
            let (acme, other) = (try await ready(records, "Acme"), try await ready(records, "Other"))
            _ = try await records.setMember(bob, of: acme.id, to: .manager, visibleTo: nil, by: tester)
            for (id, store) in [("0123456789ab", acme), ("ba9876543210", other)] {
                try await pool.query(
                    """
                    INSERT INTO backups (id, store_id, kind, status, finished_at, snapshot, database_bytes, file_bytes, added_bytes, products, orders)
                    VALUES (\(id), \(store.id.rawValue), 'manual', 'done', now(), \(String(repeating: "a", count: 64)), 1, 1, 1, 1, 1)
                    """
                )
            }
            func restore(_ id: String, as user: UserID, _ role: StoreRole) async throws -> String {
                let backup = try #require(BackupID(id))
                let outcome = try await records.restore(
                    acme.id,
                    from: backup,
                    visibleTo: StoreAccess(user, role),
                    traceparent: nil,
                    by: tester
                )
                return if case .noBackup = outcome { "no backup" } else if case .accepted = outcome { "accepted" } else { "\(outcome)" }
            }
            #expect(try await restore("ba9876543210", as: bob, .manager) == "no backup")
            #expect(try await restore("0123456789ab", as: bob, .manager) == "accepted")
            try await pool.query("UPDATE jobs SET state = 'succeeded', finished_at = now()")
            try await pool.query("UPDATE stores SET activity = NULL")
            #expect(try await restore("ba9876543210", as: ada, .manager) == "accepted")
        }
    }

    @Test("a store has so many members and invitations as it may, and not one more") func most() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            for number in 1..<StoreRecords.mostMembers {
                let member = try #require(UserID("m\(number)"))
                #expect(try await records.setMember(member, of: store.id, to: .viewer, visibleTo: nil, by: tester) == .done)
            }
            let invitation = NewInvitation.member(.viewer, email: nil)
            guard case .invited = try await records.invite(token(1), to: store.id, invitation, visibleTo: nil, by: tester) else {
                Issue.record("the last one is not invited")
                return
            }
            #expect(try await records.invite(token(2), to: store.id, invitation, visibleTo: nil, by: tester) == .tooMany)
            #expect(try await records.setMember(eve, of: store.id, to: .viewer, visibleTo: nil, by: tester) == .tooMany)
            #expect(try await records.setMember(UserID("m1")!, of: store.id, to: .manager, visibleTo: nil, by: tester) == .done)
            _ = try await offered(records, store, 3)
            #expect(try await accept(records, token(1), as: eve) == "joined as viewer")
        }
    }

    @Test("what is too old goes: invitations, and members who are none any more") func retention() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            _ = try await records.setMember(bob, of: store.id, to: .viewer, visibleTo: nil, by: tester)
            _ = try await records.removeMember(bob, of: store.id, visibleTo: nil, by: tester)
            _ = try await records.setMember(eve, of: store.id, to: .viewer, visibleTo: nil, by: tester)
            _ = try await records.invite(token(), to: store.id, .member(.viewer, email: nil), visibleTo: nil, by: tester)
            for table in [StoreRecords.AgeingTable.formerMembers, .storeInvitations] {
                #expect(try await records.prune(table, by: Retention()) == 0)
            }
            try await pool.query("UPDATE store_members SET removed_at = removed_at - interval '8 days'")
            try await pool.query("UPDATE store_invitations SET expires_at = now()")
            #expect(try await accept(records, token(), as: bob) == "invalid")
            for table in [StoreRecords.AgeingTable.formerMembers, .storeInvitations] {
                #expect(try await records.prune(table, by: Retention()) == 1)
            }
            #expect(try await records.members(of: store.id).map(\.user) == [ada, eve])
        }
    }

    @Test("what is one owner's becomes another's with the memberships, and nobody is a member of what is theirs") func mapped() async throws
    {
        try await withRecords { (records, _) async throws in
            let (acme, other) = (try await ready(records, "Acme"), try await ready(records, "Other", owner: "eve"))
            _ = try await records.setMember(bob, of: acme.id, to: .viewer, visibleTo: nil, by: tester)
            _ = try await records.setMember(ada, of: other.id, to: .manager, visibleTo: nil, by: tester)
            #expect(try await records.mapOwner(ada, to: bob, by: tester) == 1)
            #expect(try await records.members(of: acme.id).map(\.role) == [.owner])
            #expect(try await records.role(of: bob, in: other.id) == .manager)
            #expect(try await records.role(of: ada, in: other.id) == nil)
        }
    }
}
