import Cluster
import Foundation
import StoreDomain
import Testing

@Suite struct GuardFeedTests {
    @Test(
        "a guard that ends while it is fed is judged by its exit status alone",
        arguments: [("/bin/true", nil), ("/bin/false", Int32(1))]
    )
    func endsWhileItIsFed(program: String, status: Int32?) async throws {
        // As the worker does.
        signal(SIGPIPE, SIG_IGN)
        let helm = HelmClient(
            configuration: .init(
                helm: "/bin/true",
                guardProgram: program,
                kubeconfig: nil,
                times: LeaseTimes(),
                home: NSTemporaryDirectory()
            )
        )
        // More than a pipe holds: it cannot all be written before the program ends.
        let values: JSON = ["filler": .string(String(repeating: "x", count: 1 << 20))]
        func install() async throws {
            try await helm.upgradeInstall(
                release: "r",
                namespace: "n",
                chart: "c",
                values: values,
                labels: [:],
                lease: TestLease()
            )
        }
        guard let status else { return try await install() }
        await #expect { try await install() } throws: { ($0 as? ClusterError)?.code == .helm(status) }
    }
}
