import Testing

@testable import ClusterSimulator

@Suite struct ProtobufTests {
    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }

    private func envelope(_ kind: String, _ raw: [UInt8]) -> [UInt8] {
        Array("k8s\0".utf8) + field(1, field(1, Array("v1".utf8)) + field(2, Array(kind.utf8))) + field(2, raw)
    }

    @Test("a release Secret is read")
    func secret() throws {
        let labels = field(11, field(1, Array("owner".utf8)) + field(2, Array("helm".utf8)))
        let metadata = field(1, Array("x".utf8)) + labels
        let data = field(1, Array("release".utf8)) + field(2, [1, 2, 3])
        let raw = field(1, metadata) + field(2, data) + field(3, Array("helm.sh/release.v1".utf8))
        let secret = try KubernetesProtobuf.decode(envelope("Secret", raw))
        #expect(
            secret == [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "x", "labels": ["owner": "helm"]], "data": ["release": "AQID"],
                "type": "helm.sh/release.v1",
            ]
        )
    }

    @Test("delete options are read")
    func deleteOptions() throws {
        let options = try KubernetesProtobuf.decode(envelope("DeleteOptions", [1 << 3, 30] + field(4, Array("Foreground".utf8))))
        #expect(options["gracePeriodSeconds"] == 30)
        #expect(options["propagationPolicy"] == "Foreground")
    }

    @Test("what is cut off is refused", arguments: 5..<18)
    func truncated(length: Int) {
        let whole = envelope("Secret", field(3, Array("Opaque".utf8)))
        #expect(throws: APIFailure.self) { try KubernetesProtobuf.decode(Array(whole.prefix(length))) }
    }
}
