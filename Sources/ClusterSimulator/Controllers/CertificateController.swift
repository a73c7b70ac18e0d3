/// Stands for cert-manager: an Ingress with an issuer's annotation gets the Secrets of its certificates. They hold nothing that is secret,
/// and nothing that a browser would trust.
struct CertificateController: Controller {
    private static let issuer = "cert-manager.io/cluster-issuer"
    let kind = Kind.ingresses

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        change.key.kind == .ingresses && change.event != .deleted && change.object.annotations[Self.issuer] != nil ? [change.key] : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let ingress = cluster.objects[key], !ingress.isTerminating, let issuer = ingress.annotations[Self.issuer] else { return nil }
        var isRefused = false
        for entry in ingress.spec["tls"].array {
            guard let name = entry["secretName"].string, cluster.objects[ObjectKey(.secrets, key.namespace, name)] == nil else { continue }
            if let fault = cluster.faults.strike(.certificateRefused, namespace: key.namespace, random: cluster.random()) {
                isRefused = true
                refuse(name, of: ingress, fault, in: cluster)
                continue
            }
            let secret: JSONValue = [
                "metadata": [
                    "name": .string(name),
                    "annotations": [
                        "cert-manager.io/certificate-name": .string(name), "cert-manager.io/issuer-name": .string(issuer),
                        "cert-manager.io/alt-names": .string(entry["hosts"].array.compactMap(\.string).joined(separator: ",")),
                    ],
                ],
                "type": "kubernetes.io/tls", "data": ["tls.crt": "c2ltdWxhdGVk", "tls.key": "c2ltdWxhdGVk"],
            ]
            _ = try? cluster.create(.secrets, secret, in: key.namespace, by: .controller)
        }
        return isRefused ? cluster.delays.backOff : nil
    }

    private func refuse(_ name: String, of ingress: JSONValue, _ fault: Fault, in cluster: ClusterState) {
        let certificate: JSONValue = [
            "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "metadata": ["name": .string(name), "namespace": .string(ingress.namespace), "uid": .string("certificate-" + ingress.uid)],
        ]
        let cause = fault.message ?? "order is in \"invalid\" state: (simulated)"
        let why =
            "The certificate request has failed to complete and will be retried: Failed to wait for order resource \"\(name)-1\" to become ready: \(cause)"
        cluster.record(.warning, "Failed", why, about: certificate, by: "cert-manager-certificates-issuing")
    }
}
