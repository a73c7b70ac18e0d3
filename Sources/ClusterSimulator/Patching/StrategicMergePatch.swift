/// Kubernetes' strategic merge: lists merge by key, and `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and
/// `$setElementOrder` direct it (apimachinery/pkg/util/strategicpatch).
enum StrategicMergePatch {
    static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        switch changes["$patch"]?.string {
        case "replace": return stripped(patch)
        case "delete": return .null
        default: break
        }
        var result = target.object
        if let kept = changes["$retainKeys"] {
            let names = Set(kept.array.compactMap(\.string))
            result = result.filter { names.contains($0.key) }
        }
        for (key, value) in changes where !key.hasPrefix("$") {
            switch value {
            case .null: result[key] = nil
            case .array(let elements):
                let order = changes["$setElementOrder/\(key)"]?.array
                result[key] = merge(elements, into: result[key]?.array ?? [], field: key, order: order)
            case .object:
                let merged = apply(value, to: result[key] ?? .null)
                result[key] = merged.isNull ? nil : merged
            default: result[key] = value
            }
        }
        for (key, value) in changes where key.hasPrefix("$deleteFromPrimitiveList/") {
            let field = String(key.dropFirst("$deleteFromPrimitiveList/".count))
            guard let elements = result[field]?.array else { continue }
            result[field] = .array(elements.filter { !value.array.contains($0) })
        }
        for (key, value) in changes where key.hasPrefix("$setElementOrder/") {
            let field = String(key.dropFirst("$setElementOrder/".count))
            guard changes[field] == nil, let elements = result[field]?.array else { continue }
            result[field] = .array(ordered(elements, by: value.array, field: field))
        }
        return .object(result)
    }

    private static func merge(_ patch: [JSONValue], into target: [JSONValue], field: String, order: [JSONValue]?) -> JSONValue {
        let sample = target.first ?? patch.first { $0["$patch"].isNull } ?? .null
        switch ListSchema.forPatch(field, sample) {
        case .atomic: return .array(patch.map(stripped))
        case .set: return .array(target + patch.filter { !target.contains($0) })
        case .keyed(let keys):
            if patch.contains(where: { $0["$patch"].string == "replace" }) {
                return .array(patch.filter { $0["$patch"].isNull }.map(stripped))
            }
            var result = target
            for element in patch {
                let index = result.firstIndex { old in keys.allSatisfy { old[$0] == element[$0] } }
                if element["$patch"].string == "delete" {
                    if let index { result.remove(at: index) }
                } else if let index {
                    result[index] = apply(element, to: result[index])
                } else {
                    result.append(stripped(element))
                }
            }
            return .array(order.map { ordered(result, by: $0, field: field) } ?? result)
        }
    }

    /// Elements that the order names come in that order, where the first of them was; others keep their place.
    private static func ordered(_ elements: [JSONValue], by order: [JSONValue], field: String) -> [JSONValue] {
        func rank(_ element: JSONValue) -> Int? {
            switch ListSchema.forPatch(field, element) {
            case .keyed(let keys): order.firstIndex { entry in keys.allSatisfy { entry[$0] == element[$0] } }
            case .set, .atomic: order.firstIndex(of: element)
            }
        }
        var named = elements.compactMap { element in rank(element).map { (rank: $0, element: element) } }.sorted { $0.rank < $1.rank }[...]
        return elements.map { element in rank(element) == nil ? element : named.popFirst()?.element ?? element }
    }

    /// Without directives, as an addition is stored.
    private static func stripped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.filter { !$0.key.hasPrefix("$") && !$0.value.isNull }.mapValues(stripped))
        case .array(let elements): .array(elements.map(stripped))
        default: value
        }
    }
}
