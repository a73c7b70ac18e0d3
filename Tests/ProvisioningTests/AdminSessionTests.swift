import Cluster
import Foundation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

/// By what the platform may sign the administrator in.
@Suite struct AdminSessionTests {
    @Test("an attempt notes the store's own secret for it, where the chart says that the image takes tokens") func secret() async throws {
        try await TestCluster.with { cluster in
            let notes = Notes()
            #expect(try await cluster.run(.running, notes).isReady)
            let secret = try #require(try await cluster.kubernetes.get(cluster.namespacePath + "/secrets/wordpress-secret"))
            let salt = try #require(secret["data"]["nonce-salt"].decodedText)
            #expect(salt.count == 32 && notes.administrator?.signIn == salt)
            #expect(notes.administrator?.user == "admin" && !notes.all.joined().contains(salt))

            let asleep = Notes()
            #expect(try await cluster.run(.asleep, everReady: true, asleep).isReady)
            #expect(asleep.administrator?.signIn == salt)
        }
    }

    @Test("a chart that says nothing of it has an image that takes none") func older() async throws {
        try await TestCluster.with { cluster in
            let chart = FileManager.default.temporaryDirectory.appending(path: "older-\(UUID().uuidString)")
            try FileManager.default.copyItem(at: URL(filePath: packageRoot + "/helm/store"), to: chart)
            defer { try? FileManager.default.removeItem(at: chart) }
            let template = chart.appending(path: "templates/wordpress-deployment.yaml")
            let lines = try String(contentsOf: template, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            let older = lines.filter { !$0.contains(StoreLabels.adminSession) }
            #expect(older.count == lines.count - 1)
            try older.joined(separator: "\n").write(to: template, atomically: true, encoding: .utf8)
            let notes = Notes()
            let other = cluster.with { $0.charts = ChartCatalog(current: [.woocommerce: chart.path], valuesFile: "values-local.yaml") }
            #expect(try await other.run(.running, notes).isReady)
            #expect(notes.administrator?.user == "admin" && notes.administrator?.signIn == nil)
        }
    }
}
