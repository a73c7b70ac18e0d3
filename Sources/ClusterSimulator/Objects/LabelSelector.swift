/// A label selector, from a query (`app=store,tier in (a,b),!old`) or from an object (`matchLabels`, `matchExpressions`).
struct LabelSelector: Sendable, Equatable {
    enum Requirement: Sendable, Equatable {
        case isIn(String, [String])
        case isNotIn(String, [String])
        case exists(String)
        case isAbsent(String)
    }

    let requirements: [Requirement]

    static let everything = LabelSelector(requirements: [])

    init(requirements: [Requirement]) { self.requirements = requirements }

    init(query: String) throws(APIFailure) {
        var requirements: [Requirement] = []
        for part in Self.parts(of: query) { requirements.append(try Self.requirement(part)) }
        self.requirements = requirements
    }

    /// From `spec.selector` of a workload or NetworkPolicy.
    init(object: JSONValue) {
        var requirements = object["matchLabels"].strings.map { Requirement.isIn($0.key, [$0.value]) }
        for expression in object["matchExpressions"].array {
            let key = expression["key"].string ?? ""
            let values = expression["values"].array.compactMap(\.string)
            switch expression["operator"].string {
            case "In": requirements.append(.isIn(key, values))
            case "NotIn": requirements.append(.isNotIn(key, values))
            case "Exists": requirements.append(.exists(key))
            default: requirements.append(.isAbsent(key))
            }
        }
        self.requirements = requirements
    }

    /// From `spec.selector` of a Service: plain equality.
    init(labels: [String: String]) { requirements = labels.map { .isIn($0.key, [$0.value]) } }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .isAbsent(let key): labels[key] == nil
            }
        }
    }

    /// Splits at commas outside parentheses.
    private static func parts(of query: String) -> [String] {
        var parts: [String] = []
        var current = ""
        var depth = 0
        for character in query {
            switch character {
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            if character == ",", depth == 0 {
                parts.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        parts.append(current)
        return parts.map(trimmed).filter { !$0.isEmpty }
    }

    private static func requirement(_ text: String) throws(APIFailure) -> Requirement {
        for (mark, isNegated) in [(" notin ", true), (" in ", false)] {
            guard let range = text.firstRange(of: mark) else { continue }
            let values = text[range.upperBound...].filter { $0 != "(" && $0 != ")" }.split(separator: ",").map { trimmed(String($0)) }
            let key = trimmed(String(text[..<range.lowerBound]))
            return isNegated ? .isNotIn(key, values) : .isIn(key, values)
        }
        for (mark, isNegated) in [("!=", true), ("==", false), ("=", false)] {
            guard let range = text.firstRange(of: mark) else { continue }
            let key = trimmed(String(text[..<range.lowerBound]))
            let value = trimmed(String(text[range.upperBound...]))
            return isNegated ? .isNotIn(key, [value]) : .isIn(key, [value])
        }
        if text.hasPrefix("!") { return .isAbsent(trimmed(String(text.dropFirst()))) }
        guard !text.contains(" ") else { throw .badRequest("unable to parse requirement: \(text)") }
        return .exists(text)
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
