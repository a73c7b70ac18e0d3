extension ClusterState {
    enum EventType: String { case normal = "Normal", warning = "Warning" }

    /// Records an event about an object; the same one again counts up, as in life.
    func record(_ type: EventType, _ reason: String, _ message: String, about object: JSONValue, by component: String) {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let sameness = [namespace, object.uid, reason, message].joined(separator: "\u{0}")
        if let name = eventNames[sameness], objects[ObjectKey(.events, namespace, name)] != nil {
            change(ObjectKey(.events, namespace, name)) { event in
                event["count"] = JSONValue((event["count"].int ?? 1) + 1)
                event["lastTimestamp"] = .string(timestamp)
            }
            return
        }
        let name = "\(object.name).\(hexadecimal(UInt64(revision) << 20 | UInt64(newNumber() & 0xFFFFF)))"
        let event: JSONValue = [
            "metadata": ["name": .string(name)],
            "involvedObject": [
                "apiVersion": object["apiVersion"], "kind": object["kind"], "name": .string(object.name),
                "namespace": object.namespace.isEmpty ? .null : .string(object.namespace), "uid": .string(object.uid),
                "resourceVersion": .string(object.resourceVersion),
            ],
            "reason": .string(reason), "message": .string(message), "type": .string(type.rawValue), "count": 1,
            "firstTimestamp": .string(timestamp), "lastTimestamp": .string(timestamp),
            "source": ["component": .string(component)], "reportingComponent": .string(component), "reportingInstance": "",
        ]
        // A namespace that is ending takes no events; that is not an error of whoever reports one.
        guard (try? create(.events, event, in: namespace, by: .controller)) != nil else { return }
        eventNames[sameness] = name
    }

    /// Events that went with their namespace are forgotten.
    func forgetEvents(in namespace: String) {
        eventNames = eventNames.filter { !$0.key.hasPrefix(namespace + "\u{0}") }
    }
}
