import Configuration
import Observation
import Provisioning
import StoreWorker
import Testing

@Suite struct IngressSettingsTests {
    private func settings(_ variables: [String: String]) throws -> ProvisioningSettings {
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: variables.merging(["HELM_PATH": "/bin/sh"]) { $1 })
        )
        return try WorkerSettings(reader: reader, programFolder: "/bin").provisioning
    }

    @Test("an Ingress needs an address and a certificate unless told otherwise; nodes are found unless told") func defaults() throws {
        let plain = try settings([:])
        #expect(plain.grace.needsAddress && plain.grace.needsCertificate && plain.nodeNetworks == nil)
        let told = try settings([
            "INGRESS_ADDRESS_REQUIRED": "false", "INGRESS_CERTIFICATE_REQUIRED": "false", "NODE_CIDRS": "10.0.0.8/32,10.0.0.7",
        ])
        #expect(!told.grace.needsAddress && !told.grace.needsCertificate)
        #expect(told.nodeNetworks == ["10.0.0.7/32", "10.0.0.8/32"])
    }

    @Test(
        "what is neither is refused by the setting's name",
        arguments: [("INGRESS_ADDRESS_REQUIRED", "no"), ("INGRESS_CERTIFICATE_REQUIRED", "1"), ("NODE_CIDRS", "node-1")]
    )
    func wrong(name: String, value: String) {
        #expect { try settings([name: value]) } throws: { "\($0)".hasPrefix("\(name) must be") }
    }
}
