/// The body of a DELETE.
struct DeleteOptions: Sendable {
    enum Propagation: String, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    var propagation = Propagation.background
    var gracePeriodSeconds: Int?
    /// `uid` and `resourceVersion`, as in `metadata`.
    var preconditions: JSONValue = .null
    var dryRun = false
}

extension ClusterState {
    static let foregroundFinalizer = "foregroundDeletion"

    /// Begins or completes a deletion; returns the object as it stands then, and whether it is gone.
    @discardableResult
    func delete(_ key: ObjectKey, _ options: DeleteOptions = DeleteOptions()) throws(APIFailure) -> (object: JSONValue, isGone: Bool) {
        guard var object = objects[key] else { throw .notFound(key.kind, key.name) }
        try checkPreconditions(object, key, against: options.preconditions)
        guard !options.dryRun else { return (object, false) }
        let isNew = !object.isTerminating
        if isNew { prepare(&object, key, options) }
        if let grace = gracePeriod(of: object, key, options), grace > 0 {
            mark(&object, gracePeriodSeconds: grace)
        } else if !object.finalizers.isEmpty || key.kind == .namespaces {
            mark(&object, gracePeriodSeconds: 0)
        } else {
            erase(key)
            return (object, true)
        }
        if key.kind == .namespaces { object.status["phase"] = "Terminating" }
        return (put(object, at: key), false)
    }

    /// Removes an object that is being deleted once no finalizer holds it and its grace period is over.
    func settleDeletion(_ key: ObjectKey) {
        guard let object = objects[key], object.isTerminating, object.finalizers.isEmpty, key.kind != .namespaces,
            object.metadata["deletionGracePeriodSeconds"].int ?? 0 == 0
        else { return }
        erase(key)
    }

    private func prepare(_ object: inout JSONValue, _ key: ObjectKey, _ options: DeleteOptions) {
        let dependents = objects.dependents(ofUID: object.uid)
        switch options.propagation {
        case .orphan:
            let uid = object.uid
            for dependent in dependents {
                change(dependent) { other in
                    let owners = other.owners.filter { $0["uid"].string != uid }
                    other.metadata["ownerReferences"] = owners.isEmpty ? .null : .array(owners)
                }
            }
        case .foreground where !dependents.isEmpty:
            object.finalizers.append(Self.foregroundFinalizer)
        case .foreground, .background:
            break
        }
    }

    private func mark(_ object: inout JSONValue, gracePeriodSeconds: Int) {
        if !object.isTerminating { object.metadata["deletionTimestamp"] = .string(timestamp) }
        object.metadata["deletionGracePeriodSeconds"] = JSONValue(gracePeriodSeconds)
    }

    /// Pods that run get time to end; everything else goes at once.
    private func gracePeriod(of object: JSONValue, _ key: ObjectKey, _ options: DeleteOptions) -> Int? {
        guard key.kind == .pods, !object.spec["nodeName"].isNull else { return nil }
        if ["Succeeded", "Failed"].contains(object.status["phase"].string ?? "") { return 0 }
        return options.gracePeriodSeconds ?? object.spec["terminationGracePeriodSeconds"].int ?? 30
    }
}
