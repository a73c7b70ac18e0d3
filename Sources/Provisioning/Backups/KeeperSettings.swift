import Cluster
import Foundation
package import StoreDomain

/// What the provisioner is told of backups.
package struct KeeperSettings: Sendable {
    package var vault: VaultAddress
    /// The keeper's image with its registry and tag.
    package var image: String
    /// Of one task.
    package var timeLimit: Duration
    /// How long its pod may take to begin.
    package var startLimit: Duration
    /// Lets a task of this store's repository in at the vault.
    package var token: @Sendable (StoreID, KeeperTask.Right) -> SecretText

    package init(
        vault: VaultAddress,
        image: String,
        timeLimit: Duration = .seconds(3600),
        startLimit: Duration = .seconds(180),
        token: @escaping @Sendable (StoreID, KeeperTask.Right) -> SecretText
    ) {
        self.vault = vault
        self.image = image
        self.timeLimit = timeLimit
        self.startLimit = startLimit
        self.token = token
    }
}

/// Where stores' pods and the workers reach the vault.
package struct VaultAddress: Sendable, Equatable {
    package let isSecure: Bool
    /// An IPv6 address has no brackets.
    package let host: String
    package let port: Int

    /// `http://HOST[:PORT]` or `https://HOST[:PORT]`, with nothing after it; else `nil`.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme), let host = parts.host,
            !host.isEmpty, parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil, parts.user == nil,
            parts.password == nil, parts.port.map({ (1...65_535).contains($0) }) ?? true
        else { return nil }
        isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? (isSecure ? 443 : 80)
    }

    package var url: String { "\(isSecure ? "https" : "http")://\(authority)" }

    private var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The repository of a store, with the token that opens it.
    func repository(of store: StoreID, token: SecretText) -> SecretText {
        SecretText(value: "\(isSecure ? "https" : "http")://\(store):\(token.value)@\(authority)/\(store)/")
    }

    /// The rule of a NetworkPolicy that lets a pod reach it. Of a Service it admits the vault's pods in its namespace, on the Service's port, which is theirs, too; of
    /// an address that address; of any other name nothing but the port is known.
    var egressRule: JSON {
        let ports: JSON = [["port": .integer(Int64(port)), "protocol": "TCP"]]
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count >= 3, labels[2] == "svc" {
            let vault: JSON = [
                "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(String(labels[1]))]],
                "podSelector": ["matchLabels": [StoreLabels.component: "vault"]],
            ]
            return ["to": [vault], "ports": ports]
        }
        guard let address = NetworkAddress(host) else { return ["ports": ports] }
        return ["to": [["ipBlock": ["cidr": .string("\(address)/\(address.bits)")]]], "ports": ports]
    }
}
