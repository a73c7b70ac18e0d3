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
        let name = container["name"].string ?? ""
        for (resource, bound) in limit["max"].object {
            guard let most = Quantity(bound), let amount = Quantity(container["resources"]["limits"][resource]), amount > most else {
                continue
            }
            throw .forbidden(
                .pods,
                pod.name,
                "maximum \(resource) usage per Container is \(most.text), but limit is \(amount.text) (\(name))"
            )
        }
        for (resource, bound) in limit["min"].object {
            guard let least = Quantity(bound), let amount = Quantity(container["resources"]["requests"][resource]), amount < least else {
                continue
            }
            throw .forbidden(
                .pods,
                pod.name,
                "minimum \(resource) usage per Container is \(least.text), but request is \(amount.text) (\(name))"
            )
        }
    }
}
