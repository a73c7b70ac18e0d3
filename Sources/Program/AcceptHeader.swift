/// What a client would have, by its `Accept` header (RFC 9110, 12.5.1).
package struct AcceptHeader: Sendable {
    private let ranges: [Range]

    package init(_ text: String?) { ranges = (text ?? "").split(separator: ",").map(Range.init) }

    /// How much it wants a type that it names, from 0 to 1; 0 for one that it does not name, wildcards left out.
    package func weight(of type: String) -> Double { ranges.filter { $0.type == type }.map(\.weight).max() ?? 0 }

    /// Whether it names the type and wants no less of it than of the other.
    package func prefers(_ type: String, to other: String) -> Bool { weight(of: type) > 0 && weight(of: type) >= weight(of: other) }

    private struct Range {
        let type: String
        /// What cannot be read counts for nothing.
        let weight: Double

        init(_ text: Substring) {
            let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { part in
                part.filter { !$0.isWhitespace }.lowercased()
            }
            type = parts.first ?? ""
            let told = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            let weight = told.map { Double($0) ?? 0 } ?? 1
            self.weight = (0...1).contains(weight) ? weight : 0
        }
    }
}
