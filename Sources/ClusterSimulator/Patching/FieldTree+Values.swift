extension FieldTree {
    /// Where a step of a tree leads within a value; `nil` when nothing is there.
    static func child(_ step: String, of value: JSONValue) -> JSONValue? {
        switch step.prefix(2) {
        case "f:": return value.object[String(step.dropFirst(2))]
        case "k:":
            guard let index = index(step, in: value.array) else { return nil }
            return value.array[index]
        case "v:": return value.array.first { "v:\($0.text)" == step }
        default: return value
        }
    }

    static func index(_ step: String, in elements: [JSONValue]) -> Int? {
        guard let key = try? JSONReader.read(Array(step.dropFirst(2).utf8)) else { return nil }
        return elements.firstIndex { element in
            key.object.allSatisfy { element[$0.key] == $0.value || ($0.key == "protocol" && element[$0.key].isNull && $0.value == "TCP") }
        }
    }

    /// The value without the fields of a tree; objects and elements that end up empty go with them.
    static func remove(_ tree: JSONValue, from value: JSONValue) -> JSONValue {
        var result = value
        for (step, subtree) in tree.object where step != "." {
            let allReady = subtree.object.isEmpty || !subtree["."].isNull
            switch step.prefix(2) {
            case "f:":
                let key = String(step.dropFirst(2))
                guard let child = result.object[key] else { continue }
                let rest = subtree.object.isEmpty ? .null : remove(subtree, from: child)
                result[key] = isEmpty(rest) ? .null : rest
            case "k:":
                guard let index = index(step, in: result.array) else { continue }
                var elements = result.array
                let rest = remove(subtree, from: elements[index])
                if allReady || isEmpty(rest) { elements.remove(at: index) } else { elements[index] = rest }
                result = .array(elements)
            case "v:": result = .array(result.array.filter { "v:\($0.text)" != step })
            default: break
            }
        }
        return result
    }

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .object(let members): members.isEmpty
        case .array(let elements): elements.isEmpty
        default: false
        }
    }

    /// The paths of the tree's leaves whose values differ between two objects.
    static func differing(_ tree: JSONValue, _ left: JSONValue?, _ right: JSONValue?, path: String = "") -> [String] {
        if tree.object.isEmpty { return left == right ? [] : [path] }
        return tree.object.sorted { $0.key < $1.key }.flatMap { step, subtree -> [String] in
            guard step != "." else { return [] }
            let name = step.hasPrefix("f:") ? ".\(step.dropFirst(2))" : "[\(step.dropFirst(2))]"
            return differing(subtree, left.flatMap { child(step, of: $0) }, right.flatMap { child(step, of: $0) }, path: path + name)
        }
    }
}
