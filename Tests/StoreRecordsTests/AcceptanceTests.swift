import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct AcceptanceTests {
    @Test("an accepted store is provisioning, has its namespace and one queued job") func accepted() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme Electronics")
            #expect(store.status == .provisioning)
            #expect(store.namespace.rawValue == "store-acme-electronics")
            #expect(store.owner == UserID("ada"))
            #expect(descriptor.kind == .provision)
            #expect(descriptor.namespace == store.namespace)
            let queued = try await records.queuedDescriptors(limit: 10, after: nil)
            #expect(queued.map(\.id) == [descriptor.id])
            let read = try await records.store(store.id, visibleTo: access("ada"))
            #expect(read == store)
            let others = try await records.store(store.id, visibleTo: access("bob"))
            #expect(others == nil)
        }
    }

    @Test("50 parallel creates never pass the user's limit, nor the total") func quota() async throws {
        try await withRecords { (records, _) async throws in
            for (limits, owner) in [(StoreLimits(total: 1_000, perUser: 7), "ada"), (StoreLimits(total: 12, perUser: 1_000), "bob")] {
                let outcomes = try await withThrowingTaskGroup(of: CreateOutcome.self) { group in
                    for number in 0..<50 {
                        let request = NewStore(name: try StoreName("Store \(owner) \(number)"), engine: .medusa, owner: UserID(owner))
                        group.addTask { try await records.create(request, limits: limits) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let accepted = outcomes.count { if case .accepted = $0 { true } else { false } }
                // Of the total of 12, ada has 7.
                #expect(accepted == (owner == "ada" ? 7 : 5))
                let refused = outcomes.count {
                    switch $0 {
                    case .userLimitReached(used: 7, limit: 7): owner == "ada"
                    case .totalLimitReached(limit: 12): owner == "bob"
                    default: false
                    }
                }
                #expect(accepted + refused == 50)
            }
            let usage = try await records.usage(of: UserID("ada"), role: .user, limits: StoreLimits(total: 50, perUser: 9))
            #expect(usage == StoreUsage(user: 7, total: 12, userLimit: 9, units: 7, unitLimit: 36))
        }
    }

    @Test("two creates of one name at once give two stores in two namespaces") func sameName() async throws {
        try await withRecords { (records, _) async throws in
            async let first = records.accepted("Acme")
            async let second = records.accepted("Acme", owner: "bob")
            let stores = try await [first.0, second.0]
            let namespaces = Set(stores.map(\.namespace.rawValue))
            #expect(namespaces.contains("store-acme"))
            let other = try #require(stores.first { $0.namespace.rawValue != "store-acme" })
            #expect(other.namespace.rawValue == "store-acme-\(other.id.rawValue.prefix(6))")
        }
    }

    @Test("a reserved name gets the suffix") func reserved() async throws {
        try await withRecords { (records, _) async throws in
            let request = NewStore(name: try StoreName("Admin"), engine: .medusa, owner: nil, reservedSlugs: ["admin"])
            guard case .accepted(let store, _) = try await records.create(request, limits: roomy) else {
                Issue.record("not accepted")
                return
            }
            #expect(store.namespace.rawValue == "store-admin-\(store.id.rawValue.prefix(6))")
        }
    }

    @Test("an idempotency key gives the same store again, refuses another body, and forgets a refusal") func idempotency() async throws {
        try await withRecords { (records, _) async throws in
            func create(_ digest: String, owner: String = "ada", limits: StoreLimits = roomy) async throws -> CreateOutcome {
                try await records.create(
                    NewStore(
                        name: try StoreName("Acme"),
                        engine: .medusa,
                        owner: UserID(owner),
                        idempotency: IdempotencyKey(key: "key-1", bodyDigest: digest)
                    ),
                    limits: limits
                )
            }
            guard case .totalLimitReached = try await create("one", limits: StoreLimits(total: 0, perUser: 1)) else {
                Issue.record("the limit was passed")
                return
            }
            // Ten at once: one makes the store, nine get it.
            let outcomes = try await withThrowingTaskGroup(of: CreateOutcome.self) { group in
                for _ in 0..<10 { group.addTask { try await create("one") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var ids: Set<StoreID> = []
            var accepted = 0
            for outcome in outcomes {
                switch outcome {
                case .accepted(let store, _):
                    accepted += 1
                    ids.insert(store.id)
                case .repeated(let store): ids.insert(store.id)
                default: Issue.record("\(outcome)")
                }
            }
            #expect(accepted == 1)
            #expect(ids.count == 1)
            if case .keyReused = try await create("two") {} else { Issue.record("another body was accepted") }
            if case .accepted = try await create("two", owner: "bob") {} else { Issue.record("keys are per user") }
        }
    }

    @Test("stores being deleted count toward no quota, and their name stays taken until they are gone") func deleting() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            guard
                case .accepted(let deleting, let deletion, let cancelling) = try await records.delete(
                    store.id,
                    visibleTo: nil,
                    traceparent: nil
                )
            else {
                Issue.record("not deleted")
                return
            }
            #expect(deleting.status == .deleting)
            #expect(cancelling == [descriptor.id])
            #expect(deletion.kind == .delete)
            let usage = try await records.usage(of: UserID("ada"), role: .user, limits: StoreLimits(total: 50, perUser: 9))
            #expect(usage == StoreUsage(user: 0, total: 0, userLimit: 9, units: 0, unitLimit: 36))
            let (next, _) = try await records.accepted("Acme")
            #expect(next.namespace != store.namespace)
            if case .alreadyDeleting = try await records.delete(store.id, visibleTo: nil, traceparent: nil) {
            } else {
                Issue.record("deleting twice is no error")
            }
            if case .notFound = try await records.delete(store.id, visibleTo: access("bob"), traceparent: nil) {
            } else {
                Issue.record("bob saw it")
            }
            let claim = try await records.claimed(deletion)
            let next2 = try await records.settle(claim, as: .gone)
            #expect(next2 == .over(deadLettered: nil))
            let gone = try await records.store(store.id, visibleTo: nil)
            #expect(gone == nil)
            let (again, _) = try await records.accepted("Acme")
            #expect(again.namespace == store.namespace)
        }
    }
}
