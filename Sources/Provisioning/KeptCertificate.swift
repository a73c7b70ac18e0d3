import Cluster
import Foundation
import StoreDomain

/// A host's certificate with its key, as cert-manager had written it into a store's namespace.
package struct KeptCertificate: Codable, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    package let host: String
    /// The Secret's, in base64.
    let data: [String: String]
    /// By these cert-manager knows that the Secret is its own, and orders no other certificate.
    let annotations: [String: String]
    let labels: [String: String]

    /// What cert-manager's annotations and labels begin with, or end with before the slash.
    private static let manager = "cert-manager.io/"

    /// Reads a Secret; `nil` for one that holds no certificate of one host that cert-manager made.
    init?(secret: JSON) {
        let metadata = secret["metadata"]
        guard secret["type"].string == "kubernetes.io/tls", let host = metadata["annotations"]["cert-manager.io/alt-names"].string,
            HostName(host) != nil
        else { return nil }
        func texts(_ json: JSON, where isKept: (String) -> Bool = { _ in true }) -> [String: String] {
            json.members.filter { isKept($0.key) }.compactMapValues(\.string)
        }
        self.host = host
        data = texts(secret["data"]) { ["tls.crt", "tls.key"].contains($0) }
        annotations = texts(metadata["annotations"]) { $0.contains(Self.manager) }
        labels = texts(metadata["labels"]) { $0.contains(Self.manager) }
        guard data.count == 2 else { return nil }
    }

    /// The chain in PEM.
    package var chain: String { data["tls.crt"].flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    func object(named name: String) -> JSON {
        func texts(_ map: [String: String]) -> JSON { .object(map.mapValues(JSON.string)) }
        return [
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": ["name": .string(name), "labels": texts(labels), "annotations": texts(annotations)], "data": texts(data),
        ]
    }

    package var description: String { "the certificate of \(host)" }
    package var debugDescription: String { description }
}
