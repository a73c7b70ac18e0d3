import Cluster
import Foundation
import Observation
import StoreDomain
import Testing

@testable import Provisioning

@Suite(.timeLimit(.minutes(20))) struct VolumeTests {
    @Test("a store's word is taken when every volume in it can be") func taken() throws {
        let text =
            #"{"volumes": [{"name": "uploads", "usedBytes": 1048577, "sizeBytes": 4194304}, {"name": "database", "usedBytes": 0, "sizeBytes": 1}]}"#
        let volumes = try #require(Storefront.volumes(in: try JSON(data: Data(text.utf8))))
        #expect(volumes == [VolumeUsage(.database, used: 0, size: 1), VolumeUsage(.uploads, used: 2 << 20, size: 4 << 20)])
    }

    @Test(
        "what cannot be is not taken",
        arguments: [
            "{}", #"{"volumes": []}"#, #"{"volumes": "full"}"#, #"{"volumes": [{"name": "uploads", "usedBytes": -1, "sizeBytes": 1}]}"#,
            #"{"volumes": [{"name": "uploads", "usedBytes": 1, "sizeBytes": 0}]}"#,
            #"{"volumes": [{"name": "etc", "usedBytes": 1, "sizeBytes": 1}]}"#,
            #"{"volumes": [{"name": "uploads", "usedBytes": 9223372036854775807, "sizeBytes": 1}]}"#,
            #"{"volumes": [{"name": "uploads", "usedBytes": "1", "sizeBytes": 1}]}"#, "[]", "null",
        ]
    )
    func refused(text: String) throws { #expect(Storefront.volumes(in: try JSON(data: Data(text.utf8))) == nil) }

    @Test("a store in the cluster says what its volumes use") func asked() async throws {
        try await TestCluster.with { cluster in
            #expect(try await cluster.run(.running).isReady)
            let view = try await NamespaceView.look(at: cluster.store.namespace, with: cluster.kubernetes)
            let storefront = try #require(
                Storefront(.woocommerce, in: cluster.store.namespace, view: view, kubernetes: cluster.kubernetes)
            )
            #expect(await storefront.volumeUsage()?.map(\.name) == [.database, .uploads])
        }
    }
}
