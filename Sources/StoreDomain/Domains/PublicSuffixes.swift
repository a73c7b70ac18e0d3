/// Domains below which the public registers its own, as `co.uk`.
package struct PublicSuffixes: Sendable, Equatable {
    /// Of the list: `co.uk`; `*.ck`, all below ck; `!www.ck`, but not this one. `nil`: the rule below alone.
    private let rules: Set<String>?

    /// Without a list: a registry's second level below a country, as `co.uk`, `com.au` and `or.at`. Single labels are no domain anyway. It knows
    /// neither third levels (`k12.ca.us`) nor companies whose customers have domains below theirs (`github.io`).
    package static let builtIn = PublicSuffixes(rules: nil)

    private init(rules: Set<String>?) { self.rules = rules }

    /// `list`: the text of Mozilla's Public Suffix List. `nil` where it holds no rule.
    package init?(list: String) {
        var rules = Set<String>()
        for line in list.split(whereSeparator: \.isNewline) {
            guard let rule = line.split(whereSeparator: \.isWhitespace).first, !rule.hasPrefix("//") else { continue }
            let mark = rule.hasPrefix("!") ? "!" : rule.hasPrefix("*.") ? "*." : ""
            let text = String(rule.dropFirst(mark.count))
            // What is no name of ours, as a single label, no store can bring along.
            if let name = try? DomainName(text) { rules.insert(mark + name.rawValue) } else if mark == "*." { rules.insert(mark + text) }
        }
        guard !rules.isEmpty else { return nil }
        self.rules = rules
    }

    package func contains(_ name: DomainName) -> Bool {
        if let rules {
            let text = name.rawValue
            guard !rules.contains("!" + text) else { return false }
            let parent = text.drop { $0 != "." }.dropFirst()
            return rules.contains(text) || rules.contains("*." + parent)
        }
        let labels = name.rawValue.split(separator: ".")
        return labels.count == 2 && labels[1].utf8.count == 2 && Self.secondLevels.contains(String(labels[0]))
    }

    private static let secondLevels: Set<String> = [
        "ac", "co", "com", "edu", "go", "gob", "gov", "gv", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
    ]
}
