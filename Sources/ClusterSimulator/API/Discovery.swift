/// What clients ask before they ask for objects: version, groups, kinds, schemas, health.
enum Discovery {
    static func answer(_ request: APIRequest) throws(APIFailure) -> APIResponse? {
        guard request.method == "GET" else { return nil }
        switch request.path.first {
        case nil:
            return .json([
                "paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/simulator", "/version"]
            ])
        case "version":
            return .json([
                "major": "1", "minor": "34", "gitVersion": .string(ClusterState.version), "gitCommit": "simulated", "gitTreeState": "clean",
                "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none: Store Weaver's simulator, in Swift", "compiler": "swift",
                "platform": "simulated/amd64",
            ])
        case "healthz", "livez", "readyz": return .text("ok")
        case "openapi":
            guard request.path.last != "v3" else { return .json(["paths": .object([:])]) }
            // An empty document: clients then validate nothing themselves.
            return APIResponse(body: .bytes([], contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"))
        case "api" where request.path.count == 1:
            return .json(["kind": "APIVersions", "versions": ["v1"]])
        case "api" where request.path == ["api", "v1"]: return .json(resources(group: "", version: "v1"))
        case "apis" where request.path.count == 1:
            return .json(["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(Kind.groups.filter { !$0.isEmpty }.map(group))])
        case "apis" where request.path.count == 2:
            guard Kind.groups.contains(request.path[1]) else { throw .noSuchPath }
            var answer = group(request.path[1])
            answer["kind"] = "APIGroup"
            answer["apiVersion"] = "v1"
            return .json(answer)
        case "apis" where request.path.count == 3:
            guard version(of: request.path[1]) == request.path[2] else { throw .noSuchPath }
            return .json(resources(group: request.path[1], version: request.path[2]))
        default: return nil
        }
    }

    private static func version(of group: String) -> String? { Kind.allCases.first { $0.group == group }?.version }

    private static func group(_ name: String) -> JSONValue {
        let version = version(of: name) ?? "v1"
        let entry: JSONValue = ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        return ["name": .string(name), "versions": [entry], "preferredVersion": entry]
    }

    private static func resources(group: String, version: String) -> JSONValue {
        let verbs: JSONValue = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        var resources: [JSONValue] = []
        for kind in Kind.allCases where kind.group == group {
            resources.append([
                "name": .string(kind.resource), "singularName": .string(kind.name.lowercased()), "namespaced": .bool(kind.isNamespaced),
                "kind": .string(kind.name), "verbs": verbs,
                "shortNames": kind.shortNames.isEmpty ? .null : .array(kind.shortNames.map(JSONValue.string)),
                "categories": kind.isInAll ? ["all"] : .null,
            ])
            if kind.hasStatus { resources.append(subresource(kind, "status", kind.name, ["get", "patch", "update"])) }
            if [.deployments, .replicasets, .statefulsets].contains(kind) {
                var scale = subresource(kind, "scale", "Scale", ["get", "patch", "update"])
                scale["group"] = "autoscaling"
                scale["version"] = "v1"
                resources.append(scale)
            }
            if kind == .pods { resources.append(subresource(kind, "log", "Pod", ["get"])) }
            if kind == .services { resources.append(subresource(kind, "proxy", "ServiceProxyOptions", ["create", "get", "update"])) }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
            "resources": .array(resources),
        ]
    }

    private static func subresource(_ kind: Kind, _ name: String, _ type: String, _ verbs: JSONValue) -> JSONValue {
        [
            "name": .string("\(kind.resource)/\(name)"), "singularName": "", "namespaced": .bool(kind.isNamespaced), "kind": .string(type),
            "verbs": verbs,
        ]
    }
}
