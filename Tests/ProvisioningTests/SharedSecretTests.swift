import Cluster
import Foundation
import StoreDomain
import Testing

@testable import Provisioning

@Suite(.serialized, .timeLimit(.minutes(20))) struct SharedSecretTests {
    private static let pull = #"{"auths": {"registry.example.com": {"auth": "eDp5"}}}"#

    private func told(_ cluster: TestCluster, password: String?) -> TestCluster {
        cluster.with {
            $0.installation.pullCredentials = PullCredentials(Self.pull)
            $0.installation.mail = password.map {
                MailServer(host: "mail.example.com", port: 587, security: .starttls, from: "a@b", account: .init(user: "u", password: $0))
            }
        }
    }

    private func copy(_ name: String, in cluster: TestCluster) async throws -> JSON? {
        try await cluster.kubernetes.get(cluster.namespacePath + "/secrets/" + name)
    }

    @Test("a store's namespace has the installation's Secrets as they are now, and those that it has no more are removed")
    func copies() async throws {
        try await TestCluster.with { cluster in
            #expect(try await told(cluster, password: "one").run(.running).isReady)
            let pull = try #require(try await copy("image-pull", in: cluster))
            #expect(pull["type"] == "kubernetes.io/dockerconfigjson" && pull["data"][".dockerconfigjson"].decodedText == Self.pull)
            #expect(try #require(try await copy("store-mail", in: cluster))["data"]["password"].decodedText == "one")

            // A new password changes nothing of the values, and is there after the next attempt all the same.
            #expect(try await told(cluster, password: "two").run(.running, everReady: true).isReady)
            let mail = try #require(try await copy("store-mail", in: cluster))
            #expect(mail["data"]["password"].decodedText == "two" && mail["data"]["host"].decodedText == "mail.example.com")

            #expect(try await told(cluster, password: nil).run(.running, everReady: true).isReady)
            #expect(try await copy("store-mail", in: cluster) == nil)
            #expect(try await copy("image-pull", in: cluster) != nil)
        }
    }

    @Test("one that somebody else made is left alone, and said") func foreign() async throws {
        try await TestCluster.with { cluster in
            #expect(try await cluster.run(.running).isReady)
            _ = try await cluster.create(cluster.namespacePath + "/secrets", "Secret", "store-mail")
            let outcome = try await told(cluster, password: "one").run(.running, everReady: true)
            guard case .failed(let message, _) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(message.contains("The Secret store-mail in namespace \(cluster.store.namespace) was not made for this store."))
        }
    }
}
