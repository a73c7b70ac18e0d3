/// What a path under `/api` or `/apis` names.
struct ResourcePath {
    let kind: Kind
    /// `nil` when a list spans all namespaces.
    let namespace: String?
    let name: String?
    let subresource: String?
    /// What follows the subresource, for proxies.
    let rest: [String]

    init(_ path: [String]) throws(APIFailure) {
        var segments = path[...]
        var group = ""
        switch segments.popFirst() {
        case "api": break
        case "apis": group = segments.popFirst() ?? ""
        default: throw .noSuchPath
        }
        let version = segments.popFirst() ?? ""
        var namespace: String?
        // `/namespaces/x` is the namespace itself; `/namespaces/x/pods` is in it.
        if segments.first == "namespaces", segments.count > 2, !["status", "finalize"].contains(segments[segments.startIndex + 2]) {
            namespace = segments[segments.startIndex + 1]
            segments = segments.dropFirst(2)
        }
        guard let resource = segments.popFirst(), let kind = Kind(group: group, version: version, resource: resource) else {
            throw .noSuchPath
        }
        self.kind = kind
        self.namespace = namespace
        name = segments.popFirst()
        subresource = segments.popFirst()
        rest = Array(segments)
    }

    func key() throws(APIFailure) -> ObjectKey {
        guard let name else { throw .methodNotAllowed }
        guard !kind.isNamespaced || namespace != nil else { throw .noSuchPath }
        return ObjectKey(kind, namespace ?? "", name)
    }
}
