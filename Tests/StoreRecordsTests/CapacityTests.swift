import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct CapacityTests {
    @Test("what was seen last is kept, with the room for the plans that the workers' charts tell of") func kept() async throws {
        try await withRecords { records, _ in
            #expect(try await records.capacity() == nil)
            let small = ChartFacts.Plan(cpu: "1", memory: "1Gi", databaseMemory: "1Gi", reserves: .init(cpu: 100, memory: 1 << 20, pods: 2))
            let chart = ChartFacts(
                engine: .woocommerce,
                version: try #require(ChartVersion("1.0.0")),
                appVersion: "1",
                isCurrent: true,
                defaultPlan: .small,
                plans: [.small: small, .large: ChartFacts.Plan(cpu: "4", memory: "4Gi", databaseMemory: "1Gi")],
                storage: ChartFacts.Storage(database: "1Gi", uploads: "1Gi")
            )
            try await records.report(
                WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true),
                charts: [chart]
            )
            var capacity = ClusterCapacity(nodes: [
                .init(name: "a", takesPods: true, allocatable: .init(cpu: 1_000, memory: 1 << 30, pods: 9))
            ])
            try await records.note(capacity)
            #expect(try await records.capacity()?.capacity == capacity)
            capacity.waiting = .init(cpu: 100, memory: 1, pods: 1)
            try await records.note(capacity)
            let seen = try #require(try await records.capacity())
            #expect(seen.capacity == capacity)
            // The worker does not tell what a large one reserves.
            #expect(seen.room.map(\.plan) == [.small] && seen.room.map(\.stores) == [3])
        }
    }
}
