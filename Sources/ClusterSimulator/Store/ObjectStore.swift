/// All objects, by kind, namespace and name, with indexes by uid and by owner.
struct ObjectStore {
    private var tables: [Kind: [String: [String: JSONValue]]] = [:]
    private var keys: [String: ObjectKey] = [:]
    private var dependents: [String: Set<ObjectKey>] = [:]

    subscript(key: ObjectKey) -> JSONValue? { tables[key.kind]?[key.namespace]?[key.name] }

    func key(ofUID uid: String) -> ObjectKey? { keys[uid] }

    func dependents(ofUID uid: String) -> Set<ObjectKey> { dependents[uid] ?? [] }

    /// In the order of namespaces and names, as etcd lists them.
    func list(_ kind: Kind, namespace: String? = nil) -> [JSONValue] {
        guard let table = tables[kind] else { return [] }
        if let namespace { return (table[namespace] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }
        return table.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
    }

    func keys(in namespace: String) -> [ObjectKey] {
        tables.flatMap { kind, table in (table[namespace] ?? [:]).keys.map { ObjectKey(kind, namespace, $0) } }
            .filter(\.kind.isNamespaced)
    }

    mutating func put(_ object: JSONValue, at key: ObjectKey) {
        if let previous = self[key] { forget(previous, at: key) }
        tables[key.kind, default: [:]][key.namespace, default: [:]][key.name] = object
        keys[object.uid] = key
        for owner in object.owners { dependents[owner["uid"].string ?? "", default: []].insert(key) }
    }

    mutating func remove(_ key: ObjectKey) {
        guard let object = self[key] else { return }
        forget(object, at: key)
        tables[key.kind]?[key.namespace]?[key.name] = nil
        if tables[key.kind]?[key.namespace]?.isEmpty == true { tables[key.kind]?[key.namespace] = nil }
    }

    private mutating func forget(_ object: JSONValue, at key: ObjectKey) {
        keys[object.uid] = nil
        for owner in object.owners {
            let uid = owner["uid"].string ?? ""
            dependents[uid]?.remove(key)
            if dependents[uid]?.isEmpty == true { dependents[uid] = nil }
        }
    }
}
