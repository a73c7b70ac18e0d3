import Foundation
import StoreDomain
import Testing

@testable import StoreWorker

@Suite struct CapacityReporterTests {
    private func read<Object: Decodable>(_ text: String, as: [Object].Type) throws -> [Object] {
        try JSONDecoder().decode([Object].self, from: Data(text.utf8))
    }

    private static let nodes = """
        [{"metadata": {"name": "b"}, "spec": {"unschedulable": true}, "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}]}},
         {"metadata": {"name": "a"}, "spec": {}, "status": {"allocatable": {"cpu": "1930m", "memory": "7924180Ki", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}]}},
         {"metadata": {"name": "c"}, "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]}, "status": {"conditions":
            [{"type": "Ready", "status": "True"}]}},
         {"metadata": {"name": "d"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}},
         {"metadata": {"name": "e"}, "spec": {"taints": [{"effect": "PreferNoSchedule"}]}, "status": {"conditions":
            [{"type": "Ready", "status": "True"}]}}]
        """

    @Test("a node takes pods when it is ready, not cordoned, and nothing taints it") func takesPods() throws {
        let capacity = CapacityReporter.capacity(of: try read(Self.nodes, as: [NodeObject].self), with: [])
        #expect(capacity.nodes.map(\.name) == ["a", "b", "c", "d", "e"])
        #expect(capacity.nodes.map(\.takesPods) == [true, false, false, false, true])
        #expect(capacity.nodes[0].allocatable == .init(cpu: 1_930, memory: 7_924_180 << 10, pods: 110))
    }

    @Test("pods reserve what the scheduler counts: all containers, or an init container that needs more; what is over nothing")
    func reserved() throws {
        let pods = try read(
            """
            [{"spec": {"nodeName": "a", "containers": [{"resources": {"requests": {"cpu": "100m", "memory": "256Mi"}}},
                {"resources": {"requests": {"cpu": "10m"}}}, {}], "initContainers": [{"resources": {"requests": {"cpu": "50m", "memory": "1Gi"}}}]},
              "status": {"phase": "Running"}},
             {"spec": {"nodeName": "a", "overhead": {"cpu": "5m"}, "containers": [{"resources": {}}], "initContainers":
                [{"restartPolicy": "Always", "resources": {"requests": {"cpu": "20m"}}}, {"resources": {"requests": {"cpu": "15m"}}}]}},
             {"spec": {"nodeName": "a", "containers": [{"resources": {"requests": {"cpu": "4"}}}]}, "status": {"phase": "Succeeded"}},
             {"spec": {"containers": [{"resources": {"requests": {"cpu": "1"}}}]}, "status": {"phase": "Pending"}}]
            """,
            as: [PodObject].self
        )
        let capacity = CapacityReporter.capacity(of: try read(Self.nodes, as: [NodeObject].self), with: pods)
        // 110 m of the first; of the second the sidecar beside the init container, which is more than the sidecar beside the app.
        #expect(capacity.nodes[0].reserved == .init(cpu: 110 + 35 + 5, memory: 1 << 30, pods: 2))
        #expect(capacity.waiting == .init(cpu: 1_000, pods: 1))
    }
}
