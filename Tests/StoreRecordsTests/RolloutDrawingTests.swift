import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Which stores a rollout has, and in which order.
@Suite struct RolloutDrawingTests {
    @Test("canaries come first, then every wave ends where it was said; drawn anew the order is the same") func waves() async throws {
        try await RolloutFleet.with(12) { fleet in
            var order = fleet.order(waves: "1,50%,100%")
            order.canaries = [fleet.stores[7], fleet.stores[2]]
            let id = try await fleet.create(order)
            let members = try await fleet.members(id)
            #expect(members.map(\.place) == Array(1...12))
            // Two canaries; of the ten others one, five in all, ten in all.
            #expect(members.map(\.wave) == [0, 0, 1] + Array(repeating: 2, count: 4) + Array(repeating: 3, count: 5))
            #expect(members.prefix(2).map(\.store) == [fleet.stores[7], fleet.stores[2]])
            #expect(Set(members.map(\.store)) == Set(fleet.stores))
            #expect(members.allSatisfy { $0.fromVersion?.rawValue == "1.1.0" && $0.state == .waiting })
            try await fleet.operate(id, .cancel)
            let again = try await fleet.create(order)
            #expect(try await fleet.members(again).map(\.store) == members.map(\.store))
            #expect(try await fleet.rollout(again).waves.map(\.total) == [2, 1, 4, 5])
        }
    }

    @Test("a wave that is larger than what there is ends with it") func largeWaves() async throws {
        try await RolloutFleet.with(3) { fleet in
            let id = try await fleet.create(fleet.order(waves: "10%,5,50%,100%"))
            #expect(try await fleet.members(id).map(\.wave) == [1, 2, 2])
        }
    }

    @Test("a store that is as new, of another engine, hidden, deleted or was never ready is none of its stores; a later one neither")
    func others() async throws {
        try await RolloutFleet.with(6) { fleet in
            for (store, version) in zip(fleet.stores, ["1.2.0", "1.10.0", "1.2.0-rc.1"]) {
                try await fleet.pool.query("UPDATE stores SET version = \(version) WHERE id = \(store.rawValue)")
            }
            try await fleet.pool.query("UPDATE stores SET engine = 'medusa' WHERE id = \(fleet.stores[3].rawValue)")
            try await fleet.pool.query("UPDATE stores SET verification = true WHERE id = \(fleet.stores[4].rawValue)")
            _ = try await fleet.records.accepted("Never ready")
            let id = try await fleet.create(fleet.order())
            let drawn: Set = [fleet.stores[2], fleet.stores[5]]
            #expect(Set(try await fleet.members(id).map(\.store)) == drawn)
            let (later, job) = try await fleet.records.accepted("Later")
            try await fleet.settle(job)
            try await fleet.turn(id)
            let members = try await fleet.members(id).map(\.store)
            #expect(members.count == 2 && !members.contains(later.id))
        }
    }

    @Test("what cannot be rolled out is refused with its reason, and the audit has both") func refusals() async throws {
        try await RolloutFleet.with(2) { fleet in
            func outcome(_ order: RolloutOrder) async throws -> CreateRolloutOutcome {
                try await fleet.records.createRollout(order, by: tester)
            }
            guard case .noVersion = try await outcome(fleet.order("9.9.9")) else {
                Issue.record("a version that no worker has was accepted")
                return
            }
            var stranger = fleet.order()
            stranger.canaries = [fleet.stores[0], StoreID.random()]
            guard case .noCanary(stranger.canaries[1]) = try await outcome(stranger) else {
                Issue.record("a canary that is no store was accepted")
                return
            }
            let id = try await fleet.create(fleet.order())
            guard case .unfinished(id) = try await outcome(fleet.order("1.3.0")) else {
                Issue.record("two rollouts of an engine run at once")
                return
            }
            try await fleet.operate(id, .cancel)
            try await fleet.pool.query("UPDATE stores SET version = '1.3.0'")
            guard case .noStores = try await outcome(fleet.order("1.3.0")) else {
                Issue.record("a rollout without a store was accepted")
                return
            }
            let lines = try await fleet.records.auditEntries(AuditQuery(action: "rollout.create")).reversed()
            #expect(lines.map(\.outcome) == [.refused, .refused, .done, .refused, .refused])
            #expect(lines.map { $0.detail ?? "" }.prefix(2) == ["no_version", "no_canary"])
        }
    }

    @Test("versions are in PostgreSQL's order as in Swift's") func order() async throws {
        let versions = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-alpha-b", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0", "1.2.0", "1.10.0", "2.0.0-1", "2.0.0-1.a", "2.0.0-a", "2.0.0", "10.0.0",
        ]
        try await withRecords { (_, pool) async throws in
            for left in versions {
                for right in versions {
                    let isBelow: Bool? = try await pool.query("SELECT is_below(\(left), \(right)) AS below").first?["below"]
                    #expect(isBelow == (ChartVersion(left)! < ChartVersion(right)!), "\(left) and \(right)")
                }
            }
            let unknownIsBelow: Bool? = try await pool.query("SELECT is_below(NULL, '1.0.0') AS below").first?["below"]
            #expect(unknownIsBelow == true)
        }
    }
}
