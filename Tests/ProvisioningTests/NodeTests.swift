import Cluster
import ClusterSimulator
import StoreDomain
import Testing

@testable import Provisioning

/// Who may reach a store's web ports beside the ingress controller: the nodes, as they come and go.
@Suite(.serialized, .timeLimit(.minutes(20))) struct NodeTests {
    private func node(_ name: String, addresses: [(String, String)], pods: [String] = []) -> JSON {
        [
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(name)],
            "spec": ["podCIDRs": .array(pods.map(JSON.string))],
            "status": ["addresses": .array(addresses.map { ["type": .string($0.0), "address": .string($0.1)] })],
        ]
    }

    @Test("a node's addresses and those of its bridge and overlay count, each alone; its name and its pods do not") func networks() {
        let nodes = [
            node("b", addresses: [("InternalIP", "10.41.0.3"), ("ExternalIP", "192.0.2.3"), ("Hostname", "b")], pods: ["10.42.1.0/24"]),
            node("a", addresses: [("InternalIP", "10.41.0.2"), ("InternalIP", "fd00::2")], pods: ["10.42.0.0/24", "fd00:42::/64"]),
            node("new", addresses: []),
        ]
        #expect(
            NodeAddresses.networks(of: nodes) == [
                "10.41.0.2/32", "10.41.0.3/32", "10.42.0.0/32", "10.42.0.1/32", "10.42.1.0/32", "10.42.1.1/32", "192.0.2.3/32",
                "fd00:42::/128", "fd00:42::1/128", "fd00::2/128",
            ]
        )
        #expect(NodeAddresses.networks(of: []) == [])
    }

    @Test(
        "NODE_CIDRS has networks or addresses",
        arguments: [
            ("10.0.0.7/32, 10.0.0.6", ["10.0.0.6/32", "10.0.0.7/32"]), ("fd00::/64", ["fd00::/64"]), ("10.0.0.0/33", nil), ("node-1", nil),
            ("10.0.0.7/", nil), ("10.0.0.7/32/1", nil),
        ] as [(String, [String]?)]
    )
    func setting(text: String, networks: [String]?) { #expect(NodeAddresses.parse(text) == networks) }

    @Test("a policy that admits other nodes keeps its pods and ports, and one that admits none admits nobody") func admitting() {
        let ports: JSON = [["port": "http", "protocol": "TCP"]]
        let old: JSON = [
            "metadata": [
                "name": "node-access", "namespace": "x", "uid": "u", "resourceVersion": "7", "labels": ["a": "b"], "managedFields": [],
            ],
            "spec": ["podSelector": ["matchLabels": ["c": "d"]], "policyTypes": ["Ingress"], "ingress": []],
        ]
        let opened = NodePolicy.admitting(["10.0.0.7/32"], in: old)
        #expect(opened["metadata"] == ["name": "node-access", "namespace": "x", "labels": ["a": "b"]])
        #expect(opened["spec"]["podSelector"] == old["spec"]["podSelector"])
        #expect(opened["spec"]["ingress"] == [["from": [["ipBlock": ["cidr": "10.0.0.7/32"]]], "ports": ports]])
        #expect(NodePolicy.admitting([], in: opened)["spec"]["ingress"] == [])
    }

    private func admitted(_ cluster: TestCluster) async throws -> [String] {
        let path = "/apis/networking.k8s.io/v1/namespaces/\(cluster.store.namespace)/networkpolicies/node-access"
        let policy = try #require(try await cluster.kubernetes.get(path))
        return policy["spec"]["ingress"].items.flatMap { $0["from"].items }.compactMap { $0["ipBlock"]["cidr"].string }
    }

    @Test("a store admits the nodes there are, then those that come; its release stays current and the next meets no conflict") func life()
        async throws
    {
        try await TestCluster.with { cluster in
            #expect(try await cluster.run(.running).isReady)
            let first = try await cluster.kubernetes.nodeNetworks()
            #expect(first == ["10.42.0.0/32", "10.42.0.1/32", "127.0.0.1/32"])
            #expect(try await admitted(cluster) == first)

            _ = try await cluster.kubernetes.create("/api/v1/nodes", node("two", addresses: [], pods: ["10.42.1.0/24"]), under: TestLease())
            let both = try await cluster.kubernetes.nodeNetworks()
            #expect(both.count == first.count + 2)
            func look() async throws -> Int {
                try await NodePolicy.admitEverywhere(both, kubernetes: cluster.kubernetes, under: TestLease())
            }
            #expect(try await look() == 1)
            #expect(try await admitted(cluster) == both)
            #expect(try await look() == 0)

            // Nothing to apply for the nodes' sake; and a release that says something else of them takes the policy over.
            let before = try await cluster.changes().filter { $0.contains("sh.helm.release") }.count
            #expect(try await cluster.run(.running).isReady)
            #expect(try await cluster.changes().filter { $0.contains("sh.helm.release") }.count == before)
            _ = try await cluster.with { $0.nodeNetworks = ["192.0.2.9/32"] }.run(.running, everReady: true, isRetry: true)
            #expect(try await admitted(cluster) == ["192.0.2.9/32"])
        }
    }
}
