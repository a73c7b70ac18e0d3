/// Server-side apply: what a manager no longer applies and nobody else owns is removed; what others own with another value
/// is a conflict unless forced.
enum ServerSideApply {
    static func apply(_ configuration: JSONValue, to live: JSONValue, kind: Kind, manager: String, force: Bool, at time: String)
        throws(APIFailure) -> JSONValue
    {
        var configuration = configuration
        configuration.status = .null
        configuration.metadata["managedFields"] = .null
        let applied = FieldTree.of(configuration)
        let previous = ManagedFields.fields(live, manager: manager, operation: "Apply")
        var owned: JSONValue = .object([:])
        var conflicts: [(manager: String, paths: [String])] = []
        for entry in ManagedFields.entries(live) {
            guard entry["manager"].string != manager || entry["operation"].string != "Apply" else { continue }
            owned = FieldTree.union(owned, entry["fieldsV1"])
            let shared = FieldTree.intersection(applied, entry["fieldsV1"])
            let paths = shared.object.isEmpty ? [] : FieldTree.differing(shared, live, configuration)
            if !paths.isEmpty { conflicts.append((entry["manager"].string ?? "", paths)) }
        }
        if !force, !conflicts.isEmpty { throw conflict(conflicts, kind, live.name) }
        let merged = merge(configuration, into: live, field: "", parent: "")
        let dropped = FieldTree.difference(FieldTree.difference(previous, applied), owned)
        let pruned = FieldTree.remove(dropped, from: merged)
        let taken = conflicts.isEmpty ? .object([:]) : differing(applied, live, configuration)
        return ManagedFields.set(pruned, manager: manager, operation: "Apply", to: applied, taking: taken, at: time)
    }

    private static func differing(_ tree: JSONValue, _ old: JSONValue?, _ new: JSONValue?) -> JSONValue {
        var result: [String: JSONValue] = [:]
        for (step, subtree) in tree.object where step != "." {
            let (before, after) = (old.flatMap { FieldTree.child(step, of: $0) }, new.flatMap { FieldTree.child(step, of: $0) })
            guard before != after else { continue }
            let inner = differing(subtree, before, after)
            if subtree.object.isEmpty || !inner.object.isEmpty { result[step] = inner }
        }
        return .object(result)
    }

    static func conflict(_ conflicts: [(manager: String, paths: [String])], _ kind: Kind, _ name: String) -> APIFailure {
        let count = conflicts.reduce(0) { $0 + $1.paths.count }
        let causes = conflicts.flatMap { conflict in
            conflict.paths.map { path in
                [
                    "reason": "FieldManagerConflict", "message": "conflict with \"\(conflict.manager)\" using \(kind.apiVersion)",
                    "field": .string(path),
                ] as JSONValue
            }
        }
        let list = conflicts.map { "conflict with \"\($0.manager)\" using \(kind.apiVersion): \($0.paths.joined(separator: ", "))" }
        return APIFailure(
            code: 409,
            reason: "Conflict",
            message: "Apply failed with \(count) conflict\(count == 1 ? "" : "s"): \(list.joined(separator: "; "))",
            details: ["name": .string(name), "kind": .string(kind.resource), "causes": .array(causes)]
        )
    }

    private static func merge(_ configuration: JSONValue, into live: JSONValue, field: String, parent: String) -> JSONValue {
        switch configuration {
        case .object(let members):
            guard case .object(var result) = live, !ListSchema.isAtomicObject(field, parent: parent) else {
                return .object(members.filter { !$0.value.isNull })
            }
            for (key, value) in members where !value.isNull {
                result[key] = merge(value, into: result[key] ?? .null, field: key, parent: field)
            }
            return .object(result)
        case .array(let elements):
            guard let first = elements.first else { return configuration }
            switch ListSchema.forApply(field, first) {
            case .atomic: return configuration
            case .set: return .array(live.array + elements.filter { !live.array.contains($0) })
            case .keyed(let keys): return .array(merge(elements, into: live.array, keys: keys, field: field))
            }
        default: return configuration
        }
    }

    /// In the order of the configuration; elements that only others own come after.
    private static func merge(_ elements: [JSONValue], into live: [JSONValue], keys: [String], field: String) -> [JSONValue] {
        var rest = live
        var result: [JSONValue] = []
        for element in elements {
            if let index = FieldTree.index(FieldTree.elementName(element, keys), in: rest) {
                result.append(merge(element, into: rest.remove(at: index), field: "", parent: field))
            } else {
                result.append(element)
            }
        }
        return result + rest
    }
}
