import Cluster
package import StoreDomain

extension VaultAddress {
    /// The address of a folder, with the token that opens it.
    package func address(of folder: VaultFolder, token: SecretText) -> SecretText {
        SecretText(value: "\(isSecure ? "https" : "http")://\(folder):\(token.value)@\(authority)/\(folder)/")
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
