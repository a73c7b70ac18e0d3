/// Who writes: the field manager, and whether the write is checked for admission.
struct Author: Sendable {
    var manager: String
    /// The cluster's own controllers write unmanaged fields.
    var isController = false

    static let controller = Author(manager: "kube-controller-manager", isController: true)
}

extension ClusterState {
    /// Creates an object with everything an API server adds: metadata, defaults, admission.
    @discardableResult
    func create(_ kind: Kind, _ draft: JSONValue, in namespace: String, by author: Author, dryRun: Bool = false) throws(APIFailure)
        -> JSONValue
    {
        var object = try prepared(kind, draft, in: namespace)
        let key = ObjectKey(kind, namespace, object.name)
        guard objects[key] == nil else { throw .alreadyExists(kind, object.name) }
        if kind.isNamespaced { try admitToNamespace(kind, object.name, namespace) }
        Defaults.apply(kind, to: &object, in: self)
        try Validation.check(kind, object)
        try admit(kind, &object, replacing: nil)
        if !author.isController, kind != .events {
            object = ManagedFields.recordUpdate(old: .object([:]), new: object, manager: author.manager, kind: kind, at: timestamp)
        }
        guard !dryRun else { return object }
        return put(object, at: key)
    }

    private func prepared(_ kind: Kind, _ draft: JSONValue, in namespace: String) throws(APIFailure) -> JSONValue {
        var object = draft
        object["apiVersion"] = .string(kind.apiVersion)
        object["kind"] = .string(kind.name)
        if kind.isNamespaced {
            if let stated = draft.metadata["namespace"].string, stated != namespace {
                throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
            }
            object.metadata["namespace"] = .string(namespace)
        }
        if object.name.isEmpty {
            guard let stem = object.metadata["generateName"].string else {
                throw .invalid(kind, "", "metadata.name: Required value: name or generateName is required")
            }
            object.metadata["name"] = .string(stem + newSuffix())
        }
        object.metadata["uid"] = .string(newUID())
        object.metadata["creationTimestamp"] = .string(timestamp)
        object.metadata["resourceVersion"] = .null
        object.metadata["deletionTimestamp"] = .null
        if kind.hasGeneration { object.metadata["generation"] = 1 }
        if kind.hasStatus, kind != .nodes, kind != .namespaces { object.status = .null }
        return object
    }

    /// Replaces an object's own part (not its status) after the checks of an API server.
    @discardableResult
    func replace(_ key: ObjectKey, with draft: JSONValue, by author: Author, dryRun: Bool = false) throws(APIFailure) -> JSONValue {
        guard let old = objects[key] else { throw .notFound(key.kind, key.name) }
        try checkPreconditions(old, key, against: draft.metadata)
        var new = draft
        for field in ["uid", "creationTimestamp", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"] {
            new.metadata[field] = old.metadata[field]
        }
        new.metadata["name"] = .string(key.name)
        new["apiVersion"] = old["apiVersion"]
        new["kind"] = old["kind"]
        if key.kind.isNamespaced { new.metadata["namespace"] = .string(key.namespace) }
        if key.kind.hasStatus { new.status = old.status }
        Defaults.apply(key.kind, to: &new, in: self, old: old)
        try Validation.check(key.kind, new)
        try Validation.checkImmutable(key.kind, old: old, new: new)
        try admit(key.kind, &new, replacing: old)
        if key.kind.hasGeneration, new.spec != old.spec { new.metadata["generation"] = JSONValue(old.generation + 1) }
        if !author.isController, key.kind != .events, new.metadata["managedFields"] == old.metadata["managedFields"] {
            new = ManagedFields.recordUpdate(old: old, new: new, manager: author.manager, kind: key.kind, at: timestamp)
        }
        guard !dryRun else { return new }
        let stored = put(new, at: key)
        settleDeletion(key)
        return stored
    }

    /// Replaces only the status.
    @discardableResult
    func replaceStatus(_ key: ObjectKey, with draft: JSONValue) throws(APIFailure) -> JSONValue {
        guard var object = objects[key] else { throw .notFound(key.kind, key.name) }
        try checkPreconditions(object, key, against: draft.metadata)
        object.status = draft.status
        return put(object, at: key)
    }

    /// A controller's own write: no checks, no generation.
    func change(_ key: ObjectKey, _ body: (inout JSONValue) -> Void) {
        guard var object = objects[key] else { return }
        body(&object)
        put(object, at: key)
    }

    /// A controller's write of the specification, which counts as a generation.
    func changeSpec(_ key: ObjectKey, _ body: (inout JSONValue) -> Void) {
        change(key) { object in
            let before = object.spec
            body(&object)
            if object.spec != before { object.metadata["generation"] = JSONValue(object.generation + 1) }
        }
    }

    func checkPreconditions(_ object: JSONValue, _ key: ObjectKey, against stated: JSONValue) throws(APIFailure) {
        if let uid = stated["uid"].string, !uid.isEmpty, uid != object.uid {
            throw .conflict(
                key.kind,
                key.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(object.uid)"
            )
        }
        if let version = stated["resourceVersion"].string, !version.isEmpty, version != object.resourceVersion {
            throw .stale(key.kind, key.name)
        }
    }
}
