import Cluster
import Foundation
import StoreDomain
import Testing

@testable import Provisioning

@Suite struct ProblemTests {
    private func pod(_ status: String) throws -> JSON {
        try JSON(data: Data(#"{"metadata":{"name":"web-0"},"status":\#(status)}"#.utf8))
    }

    @Test(
        "each state that cannot become ready has its cause, and the message names what matters",
        arguments: [
            (
                #"{"containerStatuses":[{"name":"c","image":"shop:1","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}"#,
                Problem.Cause.imagePull, "shop:1"
            ),
            (
                #"{"initContainerStatuses":[{"name":"c","image":"shop:1","state":{"waiting":{"reason":"ErrImagePull"}}}]}"#, .imagePull,
                "shop:1"
            ),
            (
                #"{"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"CreateContainerConfigError","message":"secret \"x\" not found"}}}]}"#,
                .configuration, "secret \"x\" not found"
            ),
            (
                #"{"containerStatuses":[{"name":"c","restartCount":3,"lastState":{"terminated":{"exitCode":2}},"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}"#,
                .crashLoop, "status 2"
            ),
            (
                #"{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes: insufficient cpu"}]}"#,
                .unschedulable, "insufficient cpu"
            ),
            (
                #"{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"unbound immediate PersistentVolumeClaims"}]}"#,
                .volume, "not bound"
            ),
        ]
    )
    func causes(status: String, cause: Problem.Cause, words: String) throws {
        let problem = try #require(Problem.of(pod: pod(status), restarts: 3))
        #expect(problem.cause == cause)
        #expect(problem.message.contains(words))
    }

    @Test(
        "a container that waits its turn or restarted once is no problem",
        arguments: [
            #"{"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ContainerCreating"}}}]}"#,
            #"{"containerStatuses":[{"name":"c","restartCount":1,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}"#,
            #"{"phase":"Running"}"#,
        ]
    )
    func noProblem(status: String) throws {
        #expect(Problem.of(pod: try pod(status), restarts: 3) == nil)
    }
}

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
