import Cluster
import Foundation
import StoreDomain
import Testing

@testable import Provisioning

@Suite struct ManifestRedactionTests {
    @Test("the values of Secrets are redacted, and nothing else is") func redaction() {
        let manifest = """
            ---
            apiVersion: v1
            kind: ConfigMap
            data:
              greeting: hello
            ---
            apiVersion: v1
            kind: Secret
            metadata:
              name: s
            stringData:
              password: hunter2
              long: |
                hunter2
                hunter3
            type: Opaque
            """
        let redacted = ManifestRedaction.redact(manifest)
        #expect(!redacted.contains("hunter"))
        #expect(redacted.contains("greeting: hello"))
        #expect(redacted.contains("password: <redacted>"))
        #expect(redacted.contains("type: Opaque"))
    }
}

@Suite struct StoreSecretsTests {
    @Test("every secret is letters and digits of its own, and prints redacted", arguments: Engine.allCases) func generated(engine: Engine)
        throws
    {
        let name = try StoreName("Acme")
        let store = Store(
            id: StoreID.random(),
            name: name,
            engine: engine,
            status: .provisioning,
            namespace: .preferred(for: name),
            owner: nil,
            createdAt: Date(),
            updatedAt: Date()
        )
        let values = StoreSecrets.names(of: store).flatMap {
            StoreSecrets.object($0, of: store, by: Fence(number: 1, attemptID: "a"))["stringData"].members
        }
        .filter { !["admin-user", "admin-email"].contains($0.key) }.compactMap(\.value.string)
        #expect(values.count >= 5)
        #expect(Set(values).count == values.count)
        #expect(values.allSatisfy { $0.count == 32 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
        #expect("\(SecretText.random())" == "<redacted>")
    }
}
