/// Where an object is: `namespace` is empty for cluster-wide kinds.
struct ObjectKey: Hashable, Sendable, CustomStringConvertible {
    let kind: Kind
    let namespace: String
    let name: String

    init(_ kind: Kind, _ namespace: String, _ name: String) {
        self.kind = kind
        self.namespace = kind.isNamespaced ? namespace : ""
        self.name = name
    }

    static func namespace(_ name: String) -> ObjectKey { ObjectKey(.namespaces, "", name) }

    var description: String { "\(kind.rawValue) \(namespace)/\(name)" }
}
