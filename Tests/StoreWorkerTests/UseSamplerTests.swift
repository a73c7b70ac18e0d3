import Foundation
import StoreDomain
import StoreRecords
import Testing

@testable import StoreWorker

@Suite struct UseSamplerTests {
    @Test("the containers of a namespace's pods are counted together, and what cannot be read counts nothing") func counted() throws {
        let text = """
            [{"metadata": {"namespace": "store-b"}, "containers": [{"usage": {"cpu": "1500000n", "memory": "1Mi"}},
                {"usage": {"cpu": "100m", "memory": "2Mi"}}]},
             {"metadata": {"namespace": "store-a"}, "containers": [{"usage": {"cpu": "x"}}, {}]},
             {"metadata": {"namespace": "store-b"}, "containers": [{"usage": {"cpu": "1", "memory": "1Mi"}}]},
             {"metadata": {"namespace": "store-c"}, "containers": [{"usage": {"cpu": "16E", "memory": "16E"}}, {"usage": {"cpu": "16E"}}]},
             {"metadata": {}}]
            """
        let uses = UseSampler.uses(of: try JSONDecoder().decode([PodMetrics].self, from: Data(text.utf8)))
        #expect(
            uses == [
                NamespaceUse(namespace: "store-a", cpuMillis: 0, memoryBytes: 0),
                NamespaceUse(namespace: "store-b", cpuMillis: 1_102, memoryBytes: 4 << 20),
                NamespaceUse(namespace: "store-c", cpuMillis: 1 << 50, memoryBytes: 1 << 50),
            ]
        )
    }

    @Test("of an hour's answers the median counts, and what came since the last look alone is told again") func medians() async throws {
        let times = ResponseTimes()
        let store = try #require(StoreID("a00000000001"))
        let other = try #require(StoreID("a00000000002"))
        let noon = Date(timeIntervalSince1970: 1_800_000_000)
        for millis in [10, 500, 30] { await times.add(store, .milliseconds(millis), at: noon) }
        await times.add(other, .milliseconds(7), at: noon)
        var taken = await times.take()
        #expect(taken.count == 1)
        #expect(taken[0].responses.map(\.medianMillis) == [30, 7] && taken[0].responses.map(\.count) == [3, 1])
        #expect(await times.take().isEmpty)
        await times.add(store, .milliseconds(40), at: noon.addingTimeInterval(60))
        await times.add(store, .milliseconds(900), at: noon.addingTimeInterval(3_600))
        taken = await times.take()
        #expect(taken.map { $0.responses.map(\.count) } == [[4], [1]])
        #expect(taken[1].responses[0].medianMillis == 900 && taken[1].at > taken[0].at)
    }
}
