/// Which objects of a kind a list, watch or collection delete is about.
struct ListScope: Sendable {
    var namespace: String?
    var labels = LabelSelector.everything
    var fields: FieldSelector?

    func matches(_ object: JSONValue) -> Bool {
        if let namespace, object.namespace != namespace { return false }
        return labels.matches(object.labels) && (fields?.matches(object) ?? true)
    }
}
