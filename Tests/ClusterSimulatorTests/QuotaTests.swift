import Testing

@testable import ClusterSimulator

@Suite struct QuotaTests {
    private let math = QuotaMath(quota: [
        "metadata": ["name": "q"], "spec": ["hard": ["requests.cpu": "1", "pods": "3", "limits.memory": "1Gi"]],
    ])

    private func pod(cpu: JSONValue, memory: JSONValue, initialCPU: JSONValue = .null) -> JSONValue {
        var pod: JSONValue = [
            "metadata": ["name": "p"],
            "spec": ["containers": [["name": "c", "resources": ["requests": ["cpu": cpu], "limits": ["memory": memory]]]]],
        ]
        if !initialCPU.isNull {
            pod.spec["initContainers"] = [["name": "i", "resources": ["requests": ["cpu": initialCPU], "limits": ["memory": "1Mi"]]]]
        }
        return pod
    }

    @Test("a pod costs the sum of its containers, or its greatest init container")
    func charge() {
        #expect(math.charge(.pods, pod(cpu: "200m", memory: "1Mi", initialCPU: "500m"))["requests.cpu"]?.text == "500m")
        #expect(math.charge(.pods, pod(cpu: "600m", memory: "1Mi", initialCPU: "500m"))["requests.cpu"]?.text == "600m")
    }

    @Test("what does not fit is refused with Kubernetes' words")
    func exceeded() {
        let failure = #expect(throws: APIFailure.self) {
            try math.admit(.pods, pod(cpu: "500m", memory: "1Mi"), replacing: nil, used: ["requests.cpu": Quantity(milli: 600)])
        }
        #expect(failure?.code == 403)
        #expect(
            failure?.message
                == "pods \"p\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1"
        )
    }

    @Test("a pod that does not state what the quota limits is refused")
    func unstated() {
        let failure = #expect(throws: APIFailure.self) { try math.admit(.pods, pod(cpu: .null, memory: "1Mi"), replacing: nil, used: [:]) }
        #expect(failure?.message == "pods \"p\" is forbidden: failed quota: q: must specify requests.cpu for: c")
    }
}
