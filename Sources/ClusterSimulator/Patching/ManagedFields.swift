/// Who owns which fields, as `metadata.managedFields` keeps it.
enum ManagedFields {
    static func entries(_ object: JSONValue) -> [JSONValue] { object.metadata["managedFields"].array }

    static func fields(_ object: JSONValue, manager: String, operation: String) -> JSONValue {
        entries(object).first { $0["manager"].string == manager && $0["operation"].string == operation }?["fieldsV1"] ?? .object([:])
    }

    /// The object with one manager's fields set, and taken from others where `taken` names them.
    static func set(
        _ object: JSONValue,
        manager: String,
        operation: String,
        to fields: JSONValue,
        taking taken: JSONValue,
        at time: String
    ) -> JSONValue {
        var entries: [JSONValue] = []
        for var entry in self.entries(object) {
            guard entry["manager"].string != manager || entry["operation"].string != operation else { continue }
            entry["fieldsV1"] = FieldTree.difference(entry["fieldsV1"], taken)
            if !entry["fieldsV1"].object.isEmpty { entries.append(entry) }
        }
        if !fields.object.isEmpty {
            entries.append([
                "manager": .string(manager), "operation": .string(operation), "apiVersion": object["apiVersion"], "time": .string(time),
                "fieldsType": "FieldsV1", "fieldsV1": fields,
            ])
        }
        var object = object
        object.metadata["managedFields"] = entries.isEmpty ? .null : .array(entries)
        return object
    }

    /// After a write that was not an apply: the manager owns what it changed, nobody owns what is gone.
    static func recordUpdate(old: JSONValue, new: JSONValue, manager: String, kind: Kind, at time: String) -> JSONValue {
        let after = FieldTree.of(new)
        let gone = FieldTree.difference(FieldTree.of(old), after)
        let changed = changedFields(after, old, new)
        guard !changed.object.isEmpty || !gone.object.isEmpty else { return new }
        let own = FieldTree.difference(fields(new, manager: manager, operation: "Update"), gone)
        return set(
            new,
            manager: manager,
            operation: "Update",
            to: FieldTree.union(own, changed),
            taking: FieldTree.union(gone, changed),
            at: time
        )
    }

    private static func changedFields(_ tree: JSONValue, _ old: JSONValue?, _ new: JSONValue?) -> JSONValue {
        var result: [String: JSONValue] = [:]
        for (step, subtree) in tree.object {
            guard step != "." else {
                if old == nil { result[step] = subtree }
                continue
            }
            let before = old.flatMap { FieldTree.child(step, of: $0) }
            let after = new.flatMap { FieldTree.child(step, of: $0) }
            guard before != after else { continue }
            if subtree.object.isEmpty {
                result[step] = subtree
            } else {
                let inner = changedFields(subtree, before, after)
                if !inner.object.isEmpty { result[step] = inner }
            }
        }
        return .object(result)
    }
}
