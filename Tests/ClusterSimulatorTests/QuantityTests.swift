import Testing

@testable import ClusterSimulator

@Suite struct QuantityTests {
    @Test(
        "quantities print as Kubernetes prints them",
        arguments: [
            ("100m", "100m"), ("1", "1"), ("1000m", "1"), ("0.5", "500m"), ("1Gi", "1Gi"), ("1024Mi", "1Gi"), ("1536Mi", "1536Mi"),
            ("2k", "2k"), ("1e3", "1k"), ("0", "0"), ("1.5Gi", "1536Mi"),
        ]
    )
    func canonical(text: String, expected: String) { #expect(Quantity(text)?.text == expected) }

    @Test("what is not a quantity is refused", arguments: ["", "x", "1Zi", "1 Gi", "Mi"])
    func malformed(text: String) { #expect(Quantity(text) == nil) }
}
