/// A set of fields as `fieldsV1` writes it: `f:name` for members, `k:{…}` for elements of keyed lists, `v:…` for those of sets.
///
/// A leaf is an empty object; `.` in an object says that the object itself belongs to the set.
enum FieldTree {
    /// The fields of an object.
    static func of(_ object: JSONValue) -> JSONValue {
        var tree: [String: JSONValue] = [:]
        for (key, value) in object.object where !["apiVersion", "kind", "status"].contains(key) {
            if key == "metadata" {
                let metadata = value.object.filter { ["labels", "annotations", "finalizers", "ownerReferences"].contains($0.key) }
                if !metadata.isEmpty { tree["f:metadata"] = members(metadata, parent: "metadata") }
            } else {
                tree["f:\(key)"] = fields(value, field: key, parent: "")
            }
        }
        return .object(tree)
    }

    private static func members(_ members: [String: JSONValue], parent: String) -> JSONValue {
        .object(Dictionary(uniqueKeysWithValues: members.map { ("f:\($0.key)", fields($0.value, field: $0.key, parent: parent)) }))
    }

    private static func fields(_ value: JSONValue, field: String, parent: String) -> JSONValue {
        switch value {
        case .object(let contents):
            guard !contents.isEmpty, !ListSchema.isAtomicObject(field, parent: parent) else { return .object([:]) }
            return members(contents, parent: field)
        case .array(let elements):
            guard let first = elements.first else { return .object([:]) }
            switch ListSchema.forApply(field, first) {
            case .atomic: return .object([:])
            case .set: return .object(Dictionary(elements.map { ("v:\($0.text)", .object([:])) }) { first, _ in first })
            case .keyed(let keys):
                return .object(
                    Dictionary(
                        elements.map { element in
                            var tree = members(element.object, parent: field)
                            tree["."] = .object([:])
                            return (elementName(element, keys), tree)
                        }
                    ) { first, _ in first }
                )
            }
        default: return .object([:])
        }
    }

    static func elementName(_ element: JSONValue, _ keys: [String]) -> String {
        var key: JSONValue = .object([:])
        for name in keys { key[name] = name == "protocol" && element[name].isNull ? "TCP" : element[name] }
        return "k:\(key.text)"
    }

    static func union(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        .object(left.object.merging(right.object) { union($0, $1) })
    }

    /// The fields of `left` that are not in `right`.
    static func difference(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        var result: [String: JSONValue] = [:]
        for (key, subtree) in left.object {
            guard let other = right.object[key] else {
                result[key] = subtree
                continue
            }
            let rest = difference(subtree, other)
            if !rest.object.isEmpty { result[key] = rest }
        }
        return .object(result)
    }

    /// What is named in both.
    static func intersection(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        var result: [String: JSONValue] = [:]
        for (key, subtree) in left.object {
            guard let other = right.object[key] else { continue }
            let both = intersection(subtree, other)
            if !both.object.isEmpty || subtree.object.isEmpty || other.object.isEmpty { result[key] = both }
        }
        return .object(result)
    }
}
