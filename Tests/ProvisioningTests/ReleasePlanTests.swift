import Cluster
import Foundation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

@Suite struct ReleasePlanTests {
    private static let folders: [Engine: String] = [
        .woocommerce: packageRoot + "/helm/store", .medusa: packageRoot + "/helm/medusa-store",
    ]
    private static let charts = ChartCatalog(current: folders, valuesFile: "values-local.yaml")

    private func plan(
        suffix: String = ".localhost",
        engine: Engine = .woocommerce,
        charts: ChartCatalog = charts,
        _ change: (inout InstallationValues) -> Void = { _ in }
    ) throws -> ReleasePlan {
        var installation = InstallationValues()
        change(&installation)
        let name = try StoreName("Acme")
        let store = Store(
            id: try #require(StoreID("a1b2c3d4e5f6")),
            name: name,
            engine: engine,
            status: .provisioning,
            namespace: .preferred(for: name),
            owner: nil,
            createdAt: Date(),
            updatedAt: Date()
        )
        let settings = ProvisioningSettings(
            addressing: StoreAddressing(scheme: .http, suffix: suffix),
            charts: charts,
            installation: installation
        )
        let chart = try #require(try charts.chart(of: engine))
        return try ReleasePlan(store: store, store.spec.desiredState, chart: chart, base: nil, settings: settings)
    }

    @Test("a registry is put before the images when one is set, and changes the digest") func registry() throws {
        let plain = try plan()
        let pushed = try plan { $0.imageRegistry = "registry.example.com:5000" }
        #expect(plain.values["imageRegistry"] == "")
        #expect(pushed.values["imageRegistry"].string == "registry.example.com:5000")
        #expect(plain.digest != pushed.digest)
    }

    private func furnish(_ installation: inout InstallationValues) {
        installation.officialImageRegistry = "harbor.example.com/hub/library"
        installation.images = [.woocommerce: ImageReference("acme/store:1@sha256:\(String(repeating: "a", count: 64))")!]
        installation.pullCredentials = PullCredentials(#"{"auths": {"r": {"auth": "eDp5"}}}"#)
        installation.storageClass = "fast"
        installation.ingressClass = "nginx"
        installation.ingressNamespace = "ingress-nginx"
        installation.certificateIssuer = "letsencrypt"
        installation.internetPorts = [443]
        installation.ownerPlugins = true
        installation.mail = MailServer(
            host: "mail.example.com",
            port: 587,
            security: .starttls,
            from: "a@b",
            account: .init(user: "u", password: "hunter2")
        )
    }

    @Test("what all stores have in common goes into the charts' values, without a secret") func common() throws {
        let values = try plan(furnish).values
        #expect(values["officialImageRegistry"] == "harbor.example.com/hub/library")
        #expect(values["image"]["repository"] == "acme/store" && values["image"]["tag"] == "1" && !values["image"]["digest"].isNull)
        #expect(values["imagePullSecrets"] == ["image-pull"] && values["mail"] == ["existingSecret": "store-mail"])
        #expect(values["persistence"]["storageClass"] == "fast" && values["wordpress"]["ownerPlugins"] == true)
        #expect(values["ingress"]["className"] == "nginx" && values["ingress"]["tls"]["clusterIssuer"] == "letsencrypt")
        // The mail server has to be reached, too.
        #expect(values["networkPolicy"]["internetPorts"] == [.integer(443), .integer(587)])
        let text = String(decoding: try values.data(), as: UTF8.self)
        #expect(!text.contains("hunter2") && !text.contains("eDp5"))
    }

    @Test("Medusa's chart gets what it knows alone") func medusa() throws {
        let values = try plan(engine: .medusa, furnish).values
        #expect(values["wordpress"].isNull && values["image"]["repository"] != "acme/store")
        #expect(values["mail"] == ["existingSecret": "store-mail"] && values["imagePullSecrets"] == ["image-pull"])
        #expect(values["networkPolicy"]["internetPorts"] == [.integer(443), .integer(587)])
    }

    @Test("each chart takes what it is given", arguments: Engine.allCases) func charts(engine: Engine) async throws {
        let plan = try plan(engine: engine, furnish)
        let file = FileManager.default.temporaryDirectory.appending(path: "values-\(UUID().uuidString).json")
        try plan.values(openTo: ["10.0.0.7/32"]).data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await PrivateServer.run(try helmProgram(), ["template", "x", plan.chart, "-f", file.path])
    }

    @Test("another password of the mail server changes the digest") func secrets() throws {
        let old = try plan(furnish)
        let new = try plan {
            furnish(&$0)
            $0.mail = MailServer(
                host: "mail.example.com",
                port: 587,
                security: .starttls,
                from: "a@b",
                account: .init(user: "u", password: "x")
            )
        }
        #expect(old.values == new.values && old.digest != new.digest)
    }

    @Test("the nodes go into the values beside the rest, and do not change the digest") func nodes() throws {
        let plan = try plan()
        let values = plan.values(openTo: ["10.0.0.7/32"])
        #expect(values["networkPolicy"]["nodeCidrs"] == ["10.0.0.7/32"])
        #expect(values["host"] == plan.values["host"])
        #expect(plan.values["networkPolicy"]["nodeCidrs"] == [])
    }

    @Test("the image of a chart that changes no data may start beside the old one, in that release alone", arguments: Engine.allCases)
    func imageWithoutMigration(engine: Engine) throws {
        #expect(try plan(engine: engine).values(openTo: [])["imageMigrates"] == true)
        let folder = FileManager.default.temporaryDirectory.appending(path: "charts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(atPath: try #require(Self.folders[engine]), toPath: folder.path)
        let file = folder.appending(path: "Chart.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let saying = "annotations:\n  store-weaver.dev/migrates: \"false\"\n"
        #expect(!text.contains("annotations:"))
        try (text + "\n" + saying).write(to: file, atomically: true, encoding: .utf8)
        let charts = ChartCatalog(current: [engine: folder.path], valuesFile: "values-local.yaml")
        let plan = try plan(engine: engine, charts: charts)
        #expect(plan.values(openTo: [])["imageMigrates"] == false && plan.values["imageMigrates"] == true)
        #expect(plan.values(openTo: [], replacesFirst: true)["rollout"] == "after")
    }

    @Test("a wildcard DNS suffix goes into the host") func suffix() throws {
        #expect(try plan(suffix: ".127.0.0.1.nip.io").values["host"].string == "acme.127.0.0.1.nip.io")
    }

    @Test("a store's own hosts are the chart's values, and the address is the primary's")
    func ownHosts() throws {
        let name = try StoreName("Acme")
        var store = Store(
            id: try #require(StoreID("a1b2c3d4e5f6")),
            name: name,
            engine: .medusa,
            status: .ready,
            namespace: .preferred(for: name),
            owner: nil,
            createdAt: Date(),
            updatedAt: Date()
        )
        let settings = ProvisioningSettings(
            addressing: StoreAddressing(scheme: .http, suffix: ".localhost", port: 8_080),
            charts: Self.charts
        )
        let chart = try #require(try Self.charts.chart(of: .medusa))
        let plain = try ReleasePlan(store: store, .running, chart: chart, base: nil, settings: settings)
        #expect(plain.values["domains"] == [] && plain.url == "http://acme.localhost:8080")
        store.spec.ownHosts = try #require(OwnHosts(hosts: "www.example.com,shop.example.com", primary: "shop.example.com"))
        let own = try ReleasePlan(store: store, .running, chart: chart, base: plain.values, settings: settings)
        let first: JSON = ["host": "www.example.com", "secret": "domain-www.example.com"]
        #expect(own.values["domains"] == [first, ["host": "shop.example.com", "secret": "domain-shop.example.com"]])
        #expect(own.url == "http://shop.example.com:8080" && own.values["host"] == "acme.localhost" && own.digest != plain.digest)
        store.spec.ownHosts = .none
        let again = try ReleasePlan(store: store, .running, chart: chart, base: own.values, settings: settings)
        #expect(again.digest == plain.digest)
    }

    @Test("a chart that serves at one host refuses others, and is let be without them") func oneHost() throws {
        let older = FileManager.default.temporaryDirectory.appendingPathComponent("chart-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: older) }
        try FileManager.default.copyItem(atPath: packageRoot + "/helm/store", toPath: older.path)
        let file = older.appendingPathComponent("values.yaml")
        let values = try String(contentsOf: file, encoding: .utf8).replacing("\ndomains: []", with: "").replacing(
            "\nprimaryHost: \"\"",
            with: ""
        )
        try values.write(to: file, atomically: true, encoding: .utf8)
        let charts = ChartCatalog(current: [.woocommerce: older.path], valuesFile: "values-local.yaml")
        let chart = try #require(try charts.chart(of: .woocommerce))
        let name = try StoreName("Acme")
        var store = Store(
            id: try #require(StoreID("a1b2c3d4e5f6")),
            name: name,
            engine: .woocommerce,
            status: .ready,
            namespace: .preferred(for: name),
            owner: nil,
            createdAt: Date(),
            updatedAt: Date()
        )
        let settings = ProvisioningSettings(addressing: StoreAddressing(scheme: .http, suffix: ".localhost"), charts: charts)
        #expect(try ReleasePlan(store: store, .running, chart: chart, base: nil, settings: settings).values["domains"].isNull)
        store.spec.ownHosts = try #require(OwnHosts(hosts: "www.example.com", primary: nil))
        #expect { try ReleasePlan(store: store, .running, chart: chart, base: nil, settings: settings) } throws: {
            "\($0)".contains("serves a store at one host")
        }
    }
}
