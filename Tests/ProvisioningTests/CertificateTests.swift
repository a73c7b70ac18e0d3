import Cluster
import Foundation
import Observation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

/// Certificates outlive their store's namespace.
@Suite(.serialized, .timeLimit(.minutes(20))) struct CertificateTests {
    private func secured(_ cluster: TestCluster) -> TestCluster {
        cluster.with {
            $0.addressing = StoreAddressing(scheme: .https, suffix: ".localhost")
            $0.charts = ChartCatalog(current: [.woocommerce: packageRoot + "/helm/store"], valuesFile: "values-prod.yaml")
            $0.grace.needsCertificate = false
        }
    }

    private func secret(_ host: String, _ content: String) -> JSON {
        [
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": [
                "name": "store-tls", "labels": ["controller.cert-manager.io/fao": "true", "other": "x"],
                "annotations": [
                    "cert-manager.io/alt-names": .string(host), "cert-manager.io/issuer-name": "letsencrypt-prod", "other": "x",
                ],
            ], "data": ["tls.crt": .string(content), "tls.key": "a2V5", "ca.crt": "Y2E="],
        ]
    }

    @Test("what cert-manager made for a store's host is there again when the store comes again, and nothing else is") func again()
        async throws
    {
        try await TestCluster.with { plain in
            let cluster = secured(plain)
            let notes = Notes()
            #expect(try await cluster.run(.running, notes).isReady)
            let path = cluster.namespacePath + "/secrets"
            let host = "\(cluster.store.namespace.slug).localhost"
            // The simulated cert-manager made one already.
            let version = try #require(try await cluster.kubernetes.get(path + "/store-tls"))["metadata"]["resourceVersion"]
            let made = secret(host, "Y2hhaW4=").setting(["metadata", "resourceVersion"], to: version)
            _ = try await cluster.kubernetes.replace(path + "/store-tls", made, under: cluster.lease)
            _ = try await cluster.kubernetes.create(
                path,
                secret("somebody-elses.example.com", "b3RoZXI=").setting(["metadata", "name"], to: "other-tls"),
                under: cluster.lease
            )
            var store = cluster.store
            store.spec.host = host
            let gone = try await cluster.provisioner.run(store, desired: .gone, everReady: true, lease: cluster.lease, journal: notes)
            #expect(gone == .gone)
            #expect(try await notes.certificate(of: "somebody-elses.example.com") == nil)

            #expect(
                try await cluster.provisioner.run(store, desired: .running, everReady: false, lease: cluster.lease, journal: notes).isReady
            )
            let again = try #require(try await cluster.kubernetes.get(path + "/store-tls"))
            #expect(again["type"] == "kubernetes.io/tls" && again["data"].members == ["tls.crt": "Y2hhaW4=", "tls.key": "a2V5"])
            // By these cert-manager knows its own; what others wrote does not come along.
            #expect(again["metadata"]["annotations"].members.keys.sorted() == ["cert-manager.io/alt-names", "cert-manager.io/issuer-name"])
            #expect(again["metadata"]["labels"].members == ["controller.cert-manager.io/fao": "true"])
            #expect(notes.all.contains("The certificate of \(host) is used again"))
            #expect(try await cluster.kubernetes.get(path + "/other-tls") == nil)
        }
    }

    @Test("a Secret of another type, of several hosts or without a key is no certificate that is kept") func others() {
        let good = secret("shop.example.com", "Y2hhaW4=")
        #expect(KeptCertificate(secret: good)?.chain == "chain")
        #expect(KeptCertificate(secret: good.setting(["type"], to: "Opaque")) == nil)
        #expect(KeptCertificate(secret: good.setting(["data"], to: ["tls.crt": "Y2hhaW4="])) == nil)
        for hosts in ["a.example.com,b.example.com", "", "*.example.com"] {
            #expect(KeptCertificate(secret: secret(hosts, "Y2hhaW4=")) == nil)
        }
        #expect("\(KeptCertificate(secret: good)!)" == "the certificate of shop.example.com")
    }
}
