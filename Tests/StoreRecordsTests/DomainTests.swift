import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct DomainTests {
    private static let here = DomainSight(isProved: true, isReached: true)
    private let shop: DomainName

    init() throws { shop = try DomainName("shop.example.com") }

    private func ready(_ records: StoreRecords, _ name: String, owner: String = "ada") async throws -> Store {
        let (store, descriptor) = try await records.accepted(name, owner: owner)
        try await settle(records, descriptor, store)
        return store
    }

    private func settle(_ records: StoreRecords, _ descriptor: JobDescriptor, _ store: Store, change: ChangeFailure? = nil) async throws {
        let claim = try await records.claimed(descriptor)
        _ = try await records.settle(claim, as: .ready(url: "http://\(store.namespace.slug).localhost", engineVersion: nil, change: change))
    }

    /// The store's queued change is made, or kept from being made.
    private func apply(_ records: StoreRecords, _ store: Store, change: ChangeFailure? = nil) async throws {
        let job = try #require(try await records.newestQueuedDescriptors(limit: 9).first { $0.store == store.id })
        try await settle(records, job, store, change: change)
    }

    private func add(_ records: StoreRecords, to store: Store, takesOver: Bool = false) async throws -> OwnDomain {
        let outcome = try await records.addDomain(shop, to: store.id, takesOver: takesOver, visibleTo: nil, by: tester)
        guard case .accepted(let domain) = outcome else { throw TestSupportError(message: "not added: \(outcome)") }
        return domain
    }

    private func note(
        _ records: StoreRecords,
        _ domain: OwnDomain,
        _ sight: DomainSight = DomainTests.here,
        ordersPerHour: Int? = nil
    ) async throws -> DomainState? {
        try await records.note(domain, sight, ordersPerHour: ordersPerHour).state
    }

    private func again(_ records: StoreRecords, _ store: Store) async throws -> Store {
        try #require(try await records.store(store.id, visibleTo: nil))
    }

    @Test("a claim blocks nobody: whoever proves the host has it, alone") func claims() async throws {
        try await withRecords { (records, _) async throws in
            let (squatter, owner) = (try await ready(records, "Squatter", owner: "eve"), try await ready(records, "Acme"))
            let theirs = try await add(records, to: squatter)
            let ours = try await add(records, to: owner)
            #expect(theirs.token != ours.token)
            #expect(try await note(records, ours) == .active)
            #expect(try await again(records, owner).spec.ownHosts.hosts == [shop])
            // Its TXT record is not there.
            #expect(try await note(records, theirs, DomainSight(isProved: false)) == .pending)
            // Whoever comes after is told that it is taken, and of nothing else.
            let late = try await ready(records, "Late", owner: "bob")
            guard case .taken = try await records.addDomain(shop, to: late.id, takesOver: false, visibleTo: nil, by: tester) else {
                Issue.record("the host was not taken")
                return
            }
        }
    }

    @Test("PostgreSQL holds a proved host to one store") func unique() async throws {
        try await withRecords { (records, pool) async throws in
            let (one, other) = (try await ready(records, "One"), try await ready(records, "Other"))
            let (first, second) = (try await add(records, to: one), try await add(records, to: other))
            try await pool.query("UPDATE domains SET state = 'verified' WHERE id = \(first.id)")
            await #expect(throws: PostgresError.self) {
                try await pool.query("UPDATE domains SET state = 'verified' WHERE id = \(second.id)")
            }
        }
    }

    @Test("who proves an active host of another store gets it after three days, and once the other is no longer served there")
    func takeover() async throws {
        try await withRecords { (records, pool) async throws in
            let (old, new) = (try await ready(records, "Old", owner: "eve"), try await ready(records, "New"))
            #expect(try await note(records, try await add(records, to: old)) == .active)
            try await apply(records, old)
            let claim = try await add(records, to: new, takesOver: true)
            #expect(try await note(records, claim) == .pending)
            let waiting = try #require(try await records.domains(of: new.id, visibleTo: nil)?.domains.first)
            let wait = try #require(waiting.takesOverAt).timeIntervalSinceNow
            #expect((71.9 * 3_600...72 * 3_600).contains(wait) && waiting.error?.contains("three days") == true)
            // Whoever takes the record away begins anew.
            #expect(try await note(records, claim, DomainSight(isProved: false)) == .pending)
            #expect(try await records.domains(of: new.id, visibleTo: nil)?.domains.first?.takesOverAt == nil)

            _ = try await note(records, claim)
            try await pool.query("UPDATE domains SET takes_over_at = now() - interval '1 second' WHERE id = \(claim.id)")
            // The old store's Ingress is still there.
            #expect(try await note(records, claim) == .verified)
            let left = try await again(records, old)
            #expect(left.domains.isEmpty && left.spec.ownHosts == .none)
            #expect(try await note(records, claim) == .verified)
            try await apply(records, old)
            #expect(try await note(records, claim) == .active)
            #expect(try await records.auditEntries(AuditQuery(action: "domain.lose", target: old.id.rawValue)).count == 1)
            #expect(try await pool.query("SELECT 1 FROM notices WHERE kind = 'domain.lost' AND subject = \(old.id.rawValue)").count == 1)
        }
    }

    @Test(
        "a store that failed, and fails again, keeps no host from whoever proved it",
        arguments: ["status = 'failed'", "drift = 'namespace'"]
    )
    func stranded(state: String) async throws {
        try await withRecords { (records, pool) async throws in
            let (old, new) = (try await ready(records, "Old", owner: "eve"), try await ready(records, "New"))
            let held = try await add(records, to: old)
            #expect(try await note(records, held) == .active)
            try await apply(records, old)
            try await pool.query("UPDATE domains SET is_primary = true WHERE id = \(held.id)")
            try await pool.query("UPDATE stores SET primary_host = own_hosts WHERE id = \(old.id.rawValue)")
            #expect(try await records.strandedHosts().isEmpty)
            try await pool.query(SQL(unsafe: "UPDATE stores SET \(state) WHERE id = '\(old.id.rawValue)'"))
            // What a failed store has by right, it keeps.
            #expect(try await records.strandedHosts().isEmpty)

            let claim = try await add(records, to: new, takesOver: true)
            _ = try await note(records, claim)
            try await pool.query("UPDATE domains SET takes_over_at = now() - interval '1 second' WHERE id = \(claim.id)")
            #expect(try await note(records, claim) == .verified)
            let stranded = try #require(try await records.strandedHosts().first)
            #expect((stranded.store, stranded.namespace, stranded.host) == (old.id, old.namespace, shop))
            let fence = try #require(try await records.hold(stranded, by: "a worker", for: .seconds(12)))
            #expect(try await records.hold(stranded, by: "another worker", for: .seconds(12)) == nil)
            let other = Fence(number: fence.number, attemptID: "another")
            #expect(try await records.withdraw(stranded, under: other) == false)
            #expect(try await note(records, claim) == .verified)
            #expect(try await records.withdraw(stranded, under: fence))
            try await records.release(old.namespace.rawValue, fence)
            #expect(try await records.strandedHosts().isEmpty)
            #expect(try await again(records, old).spec.ownHosts == .none)
            #expect(try await note(records, claim) == .active)
            #expect(try await records.auditEntries(AuditQuery(action: "domain.withdraw", target: old.id.rawValue)).count == 1)
        }
    }

    @Test("a host is not taken from a store that is being retried") func retried() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            let held = try await add(records, to: store)
            _ = try await note(records, held)
            try await apply(records, store)
            try await pool.query("UPDATE stores SET status = 'failed' WHERE id = \(store.id.rawValue)")
            _ = try await records.removeDomain(shop, of: store.id, visibleTo: nil, traceparent: nil, by: tester)
            let stranded = try #require(try await records.strandedHosts().first)
            _ = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester)
            #expect(try await records.strandedHosts().isEmpty)
            #expect(try await records.hold(stranded, by: "a worker", for: .seconds(12)) == nil)
        }
    }

    @Test("a host that fails its store goes at once to whoever proves it") func failingHost() async throws {
        try await withRecords { (records, pool) async throws in
            let (old, new) = (try await ready(records, "Old"), try await ready(records, "New"))
            let held = try await add(records, to: old)
            _ = try await note(records, held)
            try await apply(records, old)
            #expect(
                try await note(records, held, DomainSight(isReached: false, problem: "It leads elsewhere.")) == .active
            )
            try await pool.query("UPDATE domains SET failing_since = now() - interval '15 days' WHERE id = \(held.id)")
            #expect(
                try await note(records, held, DomainSight(isReached: false, problem: "It leads elsewhere.")) == .failing
            )
            #expect(try await pool.query("SELECT 1 FROM notices WHERE kind = 'domain.failing' AND subject = \(old.id.rawValue)").count == 1)
            #expect(try await again(records, old).spec.ownHosts == .none)
            try await apply(records, old)
            let claim = try await add(records, to: new, takesOver: true)
            #expect(try await note(records, claim) == .active)
        }
    }

    @Test("a host that does not lead here for a moment stays; nobody's answer is no answer") func glitches() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records, "Acme")
            let domain = try await add(records, to: store)
            _ = try await note(records, domain)
            #expect(try await note(records, domain, DomainSight(problem: "The DNS did not answer.")) == .active)
            #expect(try await records.domains(of: store.id, visibleTo: nil)?.domains.first?.failingSince == nil)
            #expect(try await note(records, domain, DomainSight(isReached: false)) == .active)
            #expect(try await records.domains(of: store.id, visibleTo: nil)?.domains.first?.failingSince != nil)
            #expect(try await note(records, domain, DomainSight(isReached: true)) == .active)
            #expect(try await records.domains(of: store.id, visibleTo: nil)?.domains.first?.failingSince == nil)
        }
    }

    @Test("what the store itself does not answer is not held against its host", arguments: ["health = 'degraded'", "asleep = true"])
    func outage(column: String) async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            let domain = try await add(records, to: store)
            _ = try await note(records, domain)
            try await apply(records, store)
            try await pool.query(SQL(unsafe: "UPDATE stores SET \(column) WHERE id = '\(store.id.rawValue)'"))
            #expect(try await note(records, domain, DomainSight(isReached: false)) == .active)
            #expect(try await records.domains(of: store.id, visibleTo: nil)?.domains.first?.failingSince == nil)
            try await pool.query("UPDATE domains SET failing_since = now() - interval '15 days' WHERE id = \(domain.id)")
            #expect(try await note(records, domain, DomainSight(isReached: false)) == .active)
        }
    }

    @Test("asking for a look waits for nobody who has the store") func checkNow() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            _ = try await add(records, to: store)
            let asked = try await pool.withTransaction { holder throws(PostgresError) in
                try await holder.query("SELECT 1 FROM stores WHERE id = \(store.id.rawValue) FOR UPDATE")
                return await Task { try await records.checkDomainNow(shop, of: store.id) }.result
            }
            #expect(try asked.get() != nil)
        }
    }

    @Test("each change of a store's hosts is one generation, and a change that is taken back is made again") func generations() async throws
    {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            let domain = try await add(records, to: store)
            #expect(try await again(records, store).generation == 1)
            _ = try await note(records, domain)
            _ = try await note(records, domain)
            #expect(try await again(records, store).generation == 2)
            try await apply(records, store, change: ChangeFailure(code: "no-room", message: "There is no room."))
            #expect(try await again(records, store).spec.ownHosts == .none)
            #expect(try await records.serveDomainsAgain().isEmpty)
            #expect(try await again(records, store).generation == 2)
            try await pool.query("UPDATE stores SET change_error_at = now() - interval '2 hours' WHERE id = \(store.id.rawValue)")
            #expect(try await records.serveDomainsAgain().map(\.kind) == [.apply])
            #expect(try await again(records, store).spec.ownHosts.hosts == [shop])
            try await apply(records, store)
            guard
                case .accepted(let changed, let job) = try await records.removeDomain(
                    shop,
                    of: store.id,
                    visibleTo: nil,
                    traceparent: nil,
                    by: tester
                )
            else {
                Issue.record("it was not removed")
                return
            }
            #expect(changed.domains.isEmpty && changed.spec.ownHosts == .none && job?.kind == .apply)
        }
    }

    @Test("another change of the store does not lose its hosts, and a retry brings none back that it lost") func otherChanges() async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records, "Acme")
            _ = try await note(records, try await add(records, to: store))
            try await apply(records, store)
            _ = try await records.change(ChangeRequest(store.id, StoreChange(plan: .large)), limits: roomy, by: tester)
            #expect(try await again(records, store).spec.ownHosts.hosts == [shop])
            try await apply(records, store, change: ChangeFailure(code: "no-room", message: "There is no room."))
            _ = try await records.removeDomain(shop, of: store.id, visibleTo: nil, traceparent: nil, by: tester)
            try await apply(records, store, change: ChangeFailure(code: "no-room", message: "There is no room."))
            _ = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester)
            #expect(try await again(records, store).spec.ownHosts == .none)
        }
    }

    @Test("the address of a store is one of its active hosts, which cannot be removed, or its host of ours") func primary() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            let domain = try await add(records, to: store)
            func choose(_ host: DomainName) async throws -> ChangeDomainOutcome {
                try await records.choosePrimaryDomain(host, of: store.id, visibleTo: nil, traceparent: nil, by: tester)
            }
            guard case .notActive = try await choose(shop), case .noDomain = try await choose(DomainName("other.example.com")) else {
                Issue.record("what is not active became the address")
                return
            }
            _ = try await note(records, domain)
            try await apply(records, store)
            guard case .accepted(let chosen, _?) = try await choose(shop), case .unchanged = try await choose(shop),
                case .primary = try await records.removeDomain(shop, of: store.id, visibleTo: nil, traceparent: nil, by: tester)
            else {
                Issue.record("it did not become the address, or could be removed")
                return
            }
            #expect(chosen.spec.ownHosts.primary == shop && chosen.domains.map(\.isPrimary) == [true])
            try await apply(records, store)
            // It fails: the store goes back to its host of ours.
            try await pool.query("UPDATE domains SET failing_since = now() - interval '15 days' WHERE id = \(domain.id)")
            _ = try await note(records, domain, DomainSight(isReached: false))
            #expect(try await again(records, store).spec.ownHosts == .none)
        }
    }

    @Test("a store that is being deleted frees its hosts at once") func deletion() async throws {
        try await withRecords { (records, _) async throws in
            let (old, new) = (try await ready(records, "Old"), try await ready(records, "New"))
            _ = try await note(records, try await add(records, to: old))
            try await apply(records, old)
            _ = try await records.delete(old.id, keeping: .nothing, visibleTo: nil, traceparent: nil, by: tester)
            #expect(try await again(records, old).domains.isEmpty)
            let claim = try await add(records, to: new)
            // Its Ingress goes with its namespace.
            #expect(try await note(records, claim) == .verified)
            let deletion = try #require(try await records.newestQueuedDescriptors(limit: 9).first { $0.store == old.id })
            _ = try await records.settle(try await records.claimed(deletion), as: .gone)
            #expect(try await note(records, claim) == .active)
        }
    }

    @Test("certificates are ordered at the pace that was set") func budget() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records, "Acme")
            var states: [DomainState?] = []
            for number in 1...3 {
                let host = try DomainName("shop\(number).example.com")
                guard
                    case .accepted(let domain) = try await records.addDomain(
                        host,
                        to: store.id,
                        takesOver: false,
                        visibleTo: nil,
                        by: tester
                    )
                else {
                    Issue.record("\(host) was not added")
                    return
                }
                states.append(try await note(records, domain, Self.here, ordersPerHour: 2))
            }
            #expect(states == [.active, .active, .verified])
            let last = try #require(try await records.domains(of: store.id, visibleTo: nil)?.domains.last)
            #expect((1_700...1_800).contains(try #require(last.nextOrderAt).timeIntervalSinceNow))
            try await pool.query("UPDATE certificate_budget SET at = at - interval '30 minutes'")
            #expect(try await note(records, last, Self.here, ordersPerHour: 2) == .active)
        }
    }

    @Test("ten hosts a store, and twenty that are not proved an owner") func limits() async throws {
        try await withRecords { (records, _) async throws in
            var refusals: [String] = []
            for name in ["One", "Two", "Three"] {
                let store = try await ready(records, name)
                for number in 0...StoreRecords.domainsPerStore {
                    let host = try DomainName("\(name).shop\(number).example.com")
                    switch try await records.addDomain(host, to: store.id, takesOver: false, visibleTo: nil, by: tester) {
                    case .accepted: break
                    case .tooMany: refusals.append("\(name) store")
                    case .tooManyPending: refusals.append("\(name) owner")
                    case let other: refusals.append("\(name) \(other)")
                    }
                    if refusals.last?.hasSuffix("owner") == true { break }
                }
            }
            #expect(refusals == ["One store", "Two store", "Three owner"])
        }
    }

    @Test("what is waited for is looked at soon, and what is well once a day") func pace() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records, "Acme")
            let domain = try await add(records, to: store)
            #expect(try await records.dueDomains(limit: 9).map(\.domain.id) == [domain.id])
            func next() async throws -> TimeInterval {
                try #require(try await records.domains(of: store.id, visibleTo: nil)?.domains.first).checkAt.timeIntervalSinceNow
            }
            _ = try await note(records, domain, DomainSight(isProved: false, problem: "It is not there."))
            #expect((20...31).contains(try await next()))
            #expect(try await records.dueDomains(limit: 9).isEmpty)
            _ = try await note(records, domain)
            #expect((20...31).contains(try await next()))
            _ = try await note(records, domain, DomainSight(isReached: true))
            #expect((86_000...86_401).contains(try await next()))
            _ = try await records.checkDomainNow(shop, of: store.id)
            #expect(try await next() < 6)
        }
    }

    @Test("a certificate is kept for its owner, while it lasts, and costs no order when it is used again") func certificates() async throws
    {
        try await withRecords { (records, pool) async throws in
            let (old, new) = (try await ready(records, "Old"), try await ready(records, "New"))
            let others = try await ready(records, "Others", owner: "eve")
            let sealed = SealedText(key: "k1", text: "sealed")
            try await records.keepCertificate(sealed, of: shop.rawValue, store: old.id, until: Date() + 60 * 86_400)
            let kept = try #require(try await records.keptCertificate(of: shop.rawValue, for: new.id))
            #expect(kept.sealed == sealed && kept.store == old.id)
            #expect(try await records.keptCertificate(of: shop.rawValue, for: others.id) == nil)
            // The budget is empty, and it is active all the same.
            _ = try await pool.query("SELECT take_certificate_order(1)")
            #expect(try await note(records, try await add(records, to: new), ordersPerHour: 1) == .active)

            try await records.keepCertificate(sealed, of: shop.rawValue, store: old.id, until: Date() + 13 * 86_400)
            #expect(try await records.keptCertificate(of: shop.rawValue, for: new.id) == nil, "it ends too soon")
            #expect(try await records.prune(.keptCertificates, by: Retention()) == 0)
            try await pool.query("UPDATE kept_certificates SET valid_until = clock_timestamp()")
            #expect(try await records.prune(.keptCertificates, by: Retention()) == 1)
        }
    }
}
