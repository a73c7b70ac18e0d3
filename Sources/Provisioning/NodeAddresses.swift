package import Cluster
import StoreDomain

/// The addresses that the API server's service proxy may come from, each as a network of one address, sorted.
package enum NodeAddresses {
    /// Each node's own addresses, and of its range of pods the network's address and the first one: what leaves a node for a pod bears
    /// the address of the bridge (cni0) or of the overlay (flannel.1) on the way. No pod has either.
    static func networks(of nodes: [JSON]) -> [String] {
        let own = nodes.flatMap { $0["status"]["addresses"].items }
            .filter { ["InternalIP", "ExternalIP"].contains($0["type"].string ?? "") }
            .compactMap { $0["address"].string.flatMap(NetworkAddress.init) }
        let bridges = nodes.flatMap { $0["spec"]["podCIDRs"].items }
            .compactMap { $0.string?.split(separator: "/").first.flatMap { NetworkAddress(String($0)) } }
            .flatMap { [$0, $0.next] }
        return Set((own + bridges).map(\.network)).sorted()
    }

    /// `nil` unless all are networks (`10.0.0.7/32`) or addresses, separated by commas; sorted.
    package static func parse(_ text: String) -> [String]? {
        var networks: Set<String> = []
        for item in text.split(separator: ",") {
            let parts = item.filter { $0 != " " }.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let address = NetworkAddress(String(parts[0])) else { return nil }
            guard parts.count == 2 else {
                networks.insert(address.network)
                continue
            }
            guard let bits = Int(parts[1]), (0...address.bits).contains(bits) else { return nil }
            networks.insert("\(address)/\(bits)")
        }
        return networks.sorted()
    }
}

extension NetworkAddress {
    /// The network of this address alone.
    fileprivate var network: String { "\(self)/\(bits)" }
}

extension KubernetesClient {
    /// Of the nodes as they are now.
    package func nodeNetworks() async throws(ClusterError) -> [String] { NodeAddresses.networks(of: try await list("/api/v1/nodes")) }
}
