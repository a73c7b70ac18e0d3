import Cluster
import StoreDomain

/// Certificates outlive their store's namespace: an authority makes few of a domain in a week, and a store may come again.
extension StoreAttempt {
    /// Before the release goes, and its certificates with it where cert-manager is told so, and before the namespace does. That they are not kept costs an order, and nothing else.
    func keepCertificates() async throws {
        try await tolerating {
            for secret in try await kubernetes.list(namespacePath + "/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls") {
                guard let certificate = KeptCertificate(secret: secret), store.serves(certificate.host) else { continue }
                try await journal.keep(certificate)
            }
        }
    }

    /// Before the chart asks for them: what is kept for the hosts of the release is put where cert-manager looks first.
    func placeCertificates(_ plan: ReleasePlan) async throws {
        for (host, name) in plan.certificates where store.serves(host) {
            guard try await kubernetes.get(namespacePath + "/secrets/" + name) == nil, let kept = try await journal.certificate(of: host)
            else { continue }
            // Without it cert-manager has another made.
            try await tolerating {
                _ = try await kubernetes.create(namespacePath + "/secrets", kept.object(named: name), under: lease)
                try await journal.event("The certificate of \(host) is used again", .secrets)
            }
        }
    }
}

extension Store {
    fileprivate func serves(_ host: String) -> Bool { spec.host == host || spec.ownHosts.hosts.contains { $0.rawValue == host } }
}

extension ReleasePlan {
    /// The hosts whose certificates cert-manager makes, and the Secrets with them.
    var certificates: [(host: String, secret: String)] {
        guard values["scheme"].string == "https", values["ingress"]["tls"]["enabled"].bool == true,
            values["ingress"]["tls"]["clusterIssuer"].string?.isEmpty == false
        else { return [] }
        let ours = values["host"].string.flatMap { host in values["ingress"]["tls"]["secretName"].string.map { (host, $0) } }
        return [ours].compactMap(\.self)
            + values["domains"].items.compactMap { domain in
                domain["host"].string.flatMap { host in domain["secret"].string.map { (host, $0) } }
            }
    }
}
