/// The faults of all namespaces; `*` means every namespace. Namespaces need not exist yet.
struct FaultBook {
    /// The annotation on a namespace that sets faults: a list such as `imagePullFailure,slow=3`.
    static let annotation = "simulator.store-weaver.dev/faults"

    private var given: [String: [Fault]] = [:]
    private var annotated: [String: [Fault]] = [:]

    subscript(namespace: String) -> [Fault] {
        get { given[namespace] ?? [] }
        set { given[namespace] = newValue.isEmpty ? nil : newValue }
    }

    var all: [String: [Fault]] { given.merging(annotated) { $0 + $1 } }

    /// Takes the annotation of a namespace; true when that changed anything.
    mutating func read(_ namespace: JSONValue) -> Bool {
        let items = (namespace.annotations[Self.annotation] ?? "").split(separator: ",")
        let faults = items.compactMap { Fault(annotation: $0.filter { $0 != " " }) }
        guard faults != annotated[namespace.name] ?? [] else { return false }
        annotated[namespace.name] = faults.isEmpty ? nil : faults
        return true
    }

    mutating func forgetAnnotation(_ namespace: String) { annotated[namespace] = nil }

    /// The fault of this kind that applies, without using it up.
    func active(_ kind: Fault.Kind, namespace: String, pod: JSONValue? = nil) -> Fault? {
        applicable(namespace).first { $0.kind == kind && $0.count != 0 && Self.concerns($0, pod) }
    }

    /// The fault that strikes on this occasion; uses up one of its count.
    mutating func strike(_ kind: Fault.Kind, namespace: String, pod: JSONValue? = nil, random: Double) -> Fault? {
        guard let fault = active(kind, namespace: namespace, pod: pod), random < fault.probability else { return nil }
        guard let count = fault.count else { return fault }
        for name in [namespace, "*"] {
            guard let index = given[name]?.firstIndex(of: fault) else { continue }
            given[name]?[index].count = count - 1
            break
        }
        return fault
    }

    func stretched(_ delay: Duration, in namespace: String) -> Duration {
        applicable(namespace).filter { $0.kind == .slow }.reduce(delay) { $0 * $1.factor + .seconds($1.seconds) }
    }

    private func applicable(_ namespace: String) -> [Fault] {
        guard !given.isEmpty || !annotated.isEmpty else { return [] }
        return (given[namespace] ?? []) + (annotated[namespace] ?? []) + (given["*"] ?? [])
    }

    private static func concerns(_ fault: Fault, _ pod: JSONValue?) -> Bool {
        guard let prefix = fault.podPrefix else { return true }
        return pod?.name.hasPrefix(prefix) ?? false
    }
}
