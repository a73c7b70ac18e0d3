/// A field selector: dotted paths compared with texts (`metadata.name=x,status.phase!=Running`).
///
/// A real API server allows few paths per kind; the simulator follows any.
struct FieldSelector: Sendable, Equatable {
    struct Term: Sendable, Equatable {
        let path: [String]
        let value: String
        let isNegated: Bool
    }

    let terms: [Term]

    init(query: String) throws(APIFailure) {
        var terms: [Term] = []
        for part in query.split(separator: ",") {
            let isNegated = part.contains("!=")
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else { throw .badRequest("invalid field selector: \(part)") }
            let path = pieces[0].filter { $0 != "!" }.split(separator: ".").map(String.init)
            let value = pieces[1].hasPrefix("=") ? pieces[1].dropFirst() : pieces[1]
            terms.append(Term(path: path, value: String(value), isNegated: isNegated))
        }
        self.terms = terms
    }

    func matches(_ object: JSONValue) -> Bool {
        terms.allSatisfy { term in
            let found = term.path.reduce(object) { $0[$1] }
            let text: String
            switch found {
            case .string(let value): text = value
            case .null: text = ""
            default: text = found.text
            }
            return (text == term.value) != term.isNegated
        }
    }
}
