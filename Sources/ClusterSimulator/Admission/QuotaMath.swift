/// What an object costs under a ResourceQuota, and whether it still fits.
struct QuotaMath {
    let name: String
    let limits: [String: Quantity]

    init(quota: JSONValue) {
        name = quota.name
        limits = quota.spec["hard"].object.compactMapValues { Quantity($0) }
    }

    func concerns(_ kind: Kind) -> Bool {
        switch kind {
        case .pods, .persistentvolumeclaims, .services: true
        default: limits[kind.resource] != nil || limits["count/\(kind.rawValue)"] != nil
        }
    }

    /// - Parameter used: usage with the old object, if one is replaced.
    func admit(_ kind: Kind, _ object: JSONValue, replacing old: JSONValue?, used: [String: Quantity]) throws(APIFailure) {
        guard concerns(kind) else { return }
        if kind == .pods, old == nil { try requireAmounts(object) }
        let before = old.map { charge(kind, $0) } ?? [:]
        var exceeded: [(name: String, requested: Quantity, used: Quantity, limit: Quantity)] = []
        for (name, amount) in charge(kind, object) {
            let requested = Quantity(milli: amount.milli - (before[name]?.milli ?? 0), isBinary: amount.isBinary)
            guard requested.milli > 0, let limit = limits[name] else { continue }
            let already = used[name] ?? .zero
            if already + requested > limit { exceeded.append((name, requested, already, limit)) }
        }
        guard !exceeded.isEmpty else { return }
        exceeded.sort { $0.name < $1.name }
        func list(_ amount: KeyPath<(name: String, requested: Quantity, used: Quantity, limit: Quantity), Quantity>) -> String {
            exceeded.map { "\($0.name)=\($0[keyPath: amount].text)" }.joined(separator: ",")
        }
        throw .forbidden(
            kind,
            object.name,
            "exceeded quota: \(name), requested: \(list(\.requested)), used: \(list(\.used)), limited: \(list(\.limit))"
        )
    }

    /// Pods must state what a quota limits.
    private func requireAmounts(_ pod: JSONValue) throws(APIFailure) {
        var missing: [String: [String]] = [:]
        for container in pod.spec["initContainers"].array + pod.spec["containers"].array {
            for limit in limits.keys {
                guard let (kind, resource) = Self.computeResource(limit), container["resources"][kind][resource].isNull else { continue }
                missing[limit, default: []].append(container["name"].string ?? "")
            }
        }
        guard !missing.isEmpty else { return }
        let list = missing.sorted { $0.key < $1.key }.map { "\($0.key) for: \($0.value.joined(separator: ","))" }.joined(separator: "; ")
        throw .forbidden(.pods, pod.name, "failed quota: \(name): must specify \(list)")
    }

    /// `limits.cpu` → (`limits`, `cpu`); a bare `cpu` means requests.
    private static func computeResource(_ name: String) -> (kind: String, resource: String)? {
        switch name {
        case "cpu", "requests.cpu": ("requests", "cpu")
        case "memory", "requests.memory": ("requests", "memory")
        case "limits.cpu": ("limits", "cpu")
        case "limits.memory": ("limits", "memory")
        case "ephemeral-storage", "requests.ephemeral-storage": ("requests", "ephemeral-storage")
        case "limits.ephemeral-storage": ("limits", "ephemeral-storage")
        default: nil
        }
    }

    func charge(_ kind: Kind, _ object: JSONValue) -> [String: Quantity] {
        var charge: [String: Quantity] = [:]
        if limits[kind.resource] != nil { charge[kind.resource] = Quantity(1) }
        if limits["count/\(kind.rawValue)"] != nil { charge["count/\(kind.rawValue)"] = Quantity(1) }
        switch kind {
        case .pods:
            if ["Succeeded", "Failed"].contains(object.status["phase"].string ?? "") {
                charge["pods"] = nil
                return charge
            }
            for limit in limits.keys {
                guard let (kind, resource) = Self.computeResource(limit) else { continue }
                charge[limit] = Self.podAmount(object.spec, kind, resource)
            }
        case .persistentvolumeclaims:
            if limits["requests.storage"] != nil { charge["requests.storage"] = Quantity(object.spec["resources"]["requests"]["storage"]) }
        case .services:
            let type = object.spec["type"].string
            if limits["services.loadbalancers"] != nil, type == "LoadBalancer" { charge["services.loadbalancers"] = Quantity(1) }
            if limits["services.nodeports"] != nil, type == "NodePort" || type == "LoadBalancer" {
                charge["services.nodeports"] = Quantity(object.spec["ports"].array.count)
            }
        default: break
        }
        return charge
    }

    /// The sum over containers, or the greatest init container if that is more.
    static func podAmount(_ spec: JSONValue, _ kind: String, _ resource: String) -> Quantity {
        let running = spec["containers"].array.compactMap { Quantity($0["resources"][kind][resource]) }.reduce(.zero, +)
        let initial = spec["initContainers"].array.compactMap { Quantity($0["resources"][kind][resource]) }.max() ?? .zero
        return max(running, initial)
    }
}
