import StoreDomain
import Testing

@Suite struct RandomTokenTests {
    @Test func isThirtyTwoHexadecimalDigits() {
        let tokens = (0..<200).map { _ in RandomToken.make() }
        #expect(tokens.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
        #expect(Set(tokens).count == 200)
        #expect(Set(tokens.joined()).count == 16)
    }
}
