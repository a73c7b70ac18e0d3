import Cluster
import Crypto
import Foundation
import StoreDomain

/// A Secret of the installation of which every store's namespace has a copy, under a name that the charts' values tell the chart.
struct SharedSecret {
    static let pullName = "image-pull"
    static let mailName = "store-mail"

    let name: String
    let type: String
    let data: [String: String]

    /// As an object; `replacing` the one that is there.
    func object(of store: Store, replacing old: JSON? = nil) -> JSON {
        let object: JSON = [
            "apiVersion": "v1", "kind": "Secret", "type": .string(type),
            "metadata": ["name": .string(name), "labels": .object(StoreSecrets.labels(of: store))], "data": encoded,
        ]
        guard let version = old?["metadata"]["resourceVersion"], !version.isNull else { return object }
        return object.setting(["metadata", "resourceVersion"], to: version)
    }

    func isWritten(in secret: JSON) -> Bool { secret["data"] == encoded }

    private var encoded: JSON { .object(data.mapValues { .string(Data($0.utf8).base64EncodedString()) }) }

    /// Tells one state of these Secrets from another and nothing else: it goes into a label.
    static func digest(of secrets: [SharedSecret]) throws -> Data {
        let all = JSON.object(Dictionary(uniqueKeysWithValues: secrets.map { ($0.name, $0.encoded) }))
        return Data(SHA256.hash(data: try all.data()))
    }
}

extension StoreAttempt {
    /// Brings the namespace's copies to what the installation has now, and removes those that it has no more.
    func copySharedSecrets() async throws {
        let wanted = settings.installation.secrets
        for name in [SharedSecret.pullName, SharedSecret.mailName] {
            let path = namespacePath + "/secrets/" + name
            let present = try await kubernetes.get(path)
            if let present, !present.belongs(to: store) {
                throw ClusterError(
                    code: .foreign,
                    message: "The Secret \(name) in namespace \(namespace) was not made for this store. Remove it, then retry."
                )
            }
            let secret = wanted.first { $0.name == name }
            switch (secret, present) {
            case (let secret?, nil):
                try await toleratingConflict {
                    _ = try await kubernetes.create(namespacePath + "/secrets", secret.object(of: store), under: lease)
                }
            case (let secret?, let present?) where !secret.isWritten(in: present):
                _ = try await kubernetes.replace(path, secret.object(of: store, replacing: present), under: lease)
            case (nil, let present?):
                if let uid = present.uid { try await toleratingConflict { try await kubernetes.delete(path, uid: uid, under: lease) } }
            default: break
            }
        }
    }
}
