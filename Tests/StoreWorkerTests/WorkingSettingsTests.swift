import Configuration
import Program
import Provisioning
import StoreDomain
import StoreWorker
import Testing

/// What cannot work ends the start, with the setting's name.
@Suite struct WorkingSettingsTests {
    private func settings(_ environment: [String: String]) throws -> WorkerSettings {
        let variables = ["HELM_PATH": "/bin/sh"].merging(environment) { $1 }
        return try WorkerSettings(
            reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)),
            programFolder: "/bin"
        )
    }

    @Test(
        "is refused by its name",
        arguments: [
            (["ENVIRONMENT": "prod"], "ENVIRONMENT"), (["ENVIRONMENT": "Production"], "ENVIRONMENT"),
            (["ENVIRONMENT": "production"], "PROD_INGRESS_SUFFIX"),
            (["ENVIRONMENT": "production", "PROD_INGRESS_SUFFIX": ".yourdomain.com"], "PROD_INGRESS_SUFFIX"),
            (["LOCAL_INGRESS_SUFFIX": "http://stores.test"], "LOCAL_INGRESS_SUFFIX"),
            (["LOCAL_INGRESS_SUFFIX": ".stores.test:8080"], "LOCAL_INGRESS_SUFFIX"),
            (["LOCAL_INGRESS_SUFFIX": ".Stores.test"], "LOCAL_INGRESS_SUFFIX"),
            (["LOCAL_INGRESS_SUFFIX": "*.stores.test"], "LOCAL_INGRESS_SUFFIX"),
            (["LOCAL_INGRESS_SUFFIX": ".my_stores.test"], "LOCAL_INGRESS_SUFFIX"), (["LOCAL_INGRESS_SUFFIX": "."], "LOCAL_INGRESS_SUFFIX"),
            (["IMAGE_REGISTRY": "https://registry.example.com"], "IMAGE_REGISTRY"),
            (["IMAGE_REGISTRY": "registry.example.com/"], "IMAGE_REGISTRY"),
            (["IMAGE_REGISTRY": "Registry.example.com"], "IMAGE_REGISTRY"), (["WORKER_NAME": "wörker-1"], "WORKER_NAME"),
            (["WORKER_NAME": "worker 1"], "WORKER_NAME"), (["HELM_PATH": "/nowhere/helm"], "HELM_PATH"),
            (["INGRESS_PORT": "65536"], "INGRESS_PORT"), (["ROLLOUT_WINDOW": "01:00-05:00"], "ROLLOUT_WINDOW"),
        ] as [([String: String], String)]
    )
    func refused(_ environment: [String: String], _ name: String) {
        #expect { try settings(environment) } throws: { ($0 as? SettingError)?.message.hasPrefix(name + " must ") == true }
    }

    @Test(
        "is taken",
        arguments: [
            (["ENVIRONMENT": "production", "PROD_INGRESS_SUFFIX": "stores.example.com"], "https://a.stores.example.com"),
            (["ENVIRONMENT": ""], "http://a.localhost"),
            (["LOCAL_INGRESS_SUFFIX": ".127.0.0.1.nip.io", "INGRESS_PORT": "8080"], "http://a.127.0.0.1.nip.io:8080"),
        ] as [([String: String], String)]
    )
    func taken(_ environment: [String: String], _ url: String) throws {
        #expect(try settings(environment).provisioning.addressing.url(for: #require(StoreNamespace("store-a"))) == url)
    }

    @Test(
        "registries are taken with ports and paths",
        arguments: ["localhost:5000", "registry.example.com", "harbor.example.com/library/mirror"]
    )
    func registries(_ text: String) throws {
        #expect(try settings(["IMAGE_REGISTRY": text]).provisioning.installation.imageRegistry == text)
    }

    @Test("a worker that is not named has a name that Redis takes") func ownName() throws {
        #expect(try settings([:]).name.utf8.allSatisfy { (0x21...0x7e).contains($0) })
    }

    @Test("what a worker needs on the disk is looked for, and named by its setting") func parts() throws {
        let missing = try settings(["HELM_GUARD_PATH": "/nowhere/guard", "HELM_CHART_PATH": "/nowhere/chart"]).missingParts
        #expect(missing.contains { $0.setting == "HELM_GUARD_PATH" } && missing.contains { $0.path == "/nowhere/chart/Chart.yaml" })
    }
}
