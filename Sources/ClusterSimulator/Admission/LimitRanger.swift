/// Gives containers a LimitRange's defaults and refuses what is outside its bounds.
struct LimitRanger {
    let range: JSONValue

    func apply(to pod: inout JSONValue) throws(APIFailure) {
        for limit in range.spec["limits"].array where limit["type"].string == "Container" {
            for field in ["containers", "initContainers"] {
                var containers: [JSONValue] = []
                for container in pod.spec[field].array {
                    var container = container
                    fill(&container, from: limit)
                    try check(container, of: pod, against: limit)
                    containers.append(container)
                }
                if !containers.isEmpty { pod.spec[field] = .array(containers) }
            }
        }
    }

    private func fill(_ container: inout JSONValue, from limit: JSONValue) {
        for (name, amount) in limit["default"].object { container["resources"]["limits"].fill(name, amount) }
        for (name, amount) in limit["defaultRequest"].object { container["resources"]["requests"].fill(name, amount) }
        for (name, amount) in container["resources"]["limits"].object { container["resources"]["requests"].fill(name, amount) }
    }

    private func check(_ container: JSONValue, of pod: JSONValue, against limit: JSONValue) throws(APIFailure) {
        for (resource, bound) in limit["max"].object.sorted(by: { $0.key < $1.key }) {
            guard let most = Quantity(bound) else { continue }
            let stated = Self.amounts(of: resource, in: container)
            guard let why = Self.excess(stated, over: most) else { continue }
            throw .forbidden(.pods, pod.name, "maximum \(resource) usage per Container is \(most.text)\(why)")
        }
        for (resource, bound) in limit["min"].object.sorted(by: { $0.key < $1.key }) {
            guard let least = Quantity(bound) else { continue }
            let stated = Self.amounts(of: resource, in: container)
            guard let why = Self.shortage(stated, under: least) else { continue }
            throw .forbidden(.pods, pod.name, "minimum \(resource) usage per Container is \(least.text)\(why)")
        }
    }

    private typealias Amounts = (request: Quantity?, limit: Quantity?)

    private static func amounts(of resource: String, in container: JSONValue) -> Amounts {
        (Quantity(container["resources"]["requests"][resource]), Quantity(container["resources"]["limits"][resource]))
    }

    private static func excess(_ stated: Amounts, over most: Quantity) -> String? {
        guard let limit = stated.limit else { return ".  No limit is specified" }
        if limit > most { return ", but limit is \(limit.text)" }
        return stated.request.flatMap { $0 > most ? ", but request is \($0.text)" : nil }
    }

    private static func shortage(_ stated: Amounts, under least: Quantity) -> String? {
        guard let request = stated.request else { return ".  No request is specified" }
        if request < least { return ", but request is \(request.text)" }
        return stated.limit.flatMap { $0 < least ? ", but limit is \($0.text)" : nil }
    }
}
