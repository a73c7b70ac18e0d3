/// In which form a client wants the answer, by its `Accept` header.
enum AcceptedForm: Sendable {
    case html
    case json

    /// JSON for who names `application/json` and does not prefer `text/html`; a page for everybody else, wildcards included.
    init(accept: String?) {
        let ranges = (accept ?? "").split(separator: ",").map(MediaRange.init)
        func weight(of type: String) -> Double { ranges.filter { $0.type == type }.map(\.weight).max() ?? 0 }
        let json = weight(of: "application/json")
        self = json > 0 && json >= weight(of: "text/html") ? .json : .html
    }

    private struct MediaRange {
        let type: String
        /// From 0 to 1; what cannot be read counts for nothing.
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
