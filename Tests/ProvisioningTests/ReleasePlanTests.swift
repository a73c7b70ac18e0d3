import Cluster
import Foundation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

@Suite struct ReleasePlanTests {
    private func plan(suffix: String = ".localhost", registry: String? = nil) throws -> ReleasePlan {
        let name = try StoreName("Acme")
        let store = Store(
            id: try #require(StoreID("a1b2c3d4e5f6")),
            name: name,
            engine: .woocommerce,
            status: .provisioning,
            namespace: .preferred(for: name),
            owner: nil,
            createdAt: Date(),
            updatedAt: Date()
        )
        let settings = ProvisioningSettings(
            addressing: StoreAddressing(scheme: .http, suffix: suffix),
            charts: [.woocommerce: packageRoot + "/helm/store"],
            valuesFile: "values-local.yaml",
            imageRegistry: registry
        )
        return try ReleasePlan(store: store, settings: settings)
    }

    @Test("a registry is put before the images when one is set, and changes the digest") func registry() throws {
        let plain = try plan()
        let pushed = try plan(registry: "registry.example.com:5000")
        #expect(plain.values["imageRegistry"].isNull)
        #expect(pushed.values["imageRegistry"].string == "registry.example.com:5000")
        #expect(plain.digest != pushed.digest)
    }

    @Test("the nodes go into the values beside the rest, and do not change the digest") func nodes() throws {
        let plan = try plan()
        let values = plan.values(openTo: ["10.0.0.7/32"])
        #expect(values["networkPolicy"] == ["nodeCidrs": ["10.0.0.7/32"]])
        #expect(values["host"] == plan.values["host"])
        #expect(plan.values["networkPolicy"].isNull)
    }

    @Test("a wildcard DNS suffix goes into the host") func suffix() throws {
        #expect(try plan(suffix: ".127.0.0.1.nip.io").values["host"].string == "acme.127.0.0.1.nip.io")
    }
}
