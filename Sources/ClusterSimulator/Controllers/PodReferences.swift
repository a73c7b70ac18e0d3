/// What a pod needs of its namespace, and lacks.
struct PodReferences {
    let pod: JSONValue
    let cluster: ClusterState

    /// The first volume whose Secret or ConfigMap is missing, and which.
    func missingVolume() -> (volume: String, missing: String)? {
        for volume in pod.spec["volumes"].array {
            let sources = [volume] + volume["projected"]["sources"].array
            for source in sources {
                let secret = source["secret"]["secretName"].string ?? (source["secret"]["name"].string)
                if let secret, source["secret"]["optional"].bool != true, absent(.secrets, secret) {
                    return (volume.name(or: "name"), "secret \"\(secret)\" not found")
                }
                if let map = source["configMap"]["name"].string, source["configMap"]["optional"].bool != true, absent(.configmaps, map) {
                    return (volume.name(or: "name"), "configmap \"\(map)\" not found")
                }
            }
        }
        return nil
    }

    /// What a container's environment refers to and is not there.
    func missing(in container: JSONValue) -> String? {
        for source in container["envFrom"].array {
            if let name = source["secretRef"]["name"].string, source["secretRef"]["optional"].bool != true, absent(.secrets, name) {
                return "secret \"\(name)\" not found"
            }
            if let name = source["configMapRef"]["name"].string, source["configMapRef"]["optional"].bool != true, absent(.configmaps, name)
            {
                return "configmap \"\(name)\" not found"
            }
        }
        for variable in container["env"].array {
            for (field, kind) in [("secretKeyRef", Kind.secrets), ("configMapKeyRef", Kind.configmaps)] {
                let reference = variable["valueFrom"][field]
                guard let name = reference["name"].string, reference["optional"].bool != true else { continue }
                guard let object = cluster.objects[ObjectKey(kind, pod.namespace, name)] else {
                    return "\(kind == .secrets ? "secret" : "configmap") \"\(name)\" not found"
                }
                let key = reference["key"].string ?? ""
                guard object["data"][key].isNull, object["binaryData"][key].isNull else { continue }
                return "couldn't find key \(key) in \(kind.name) \(pod.namespace)/\(name)"
            }
        }
        return nil
    }

    /// The first Secret that a container's environment refers to.
    static func secret(of container: JSONValue) -> String? {
        container["env"].array.lazy.compactMap { $0["valueFrom"]["secretKeyRef"]["name"].string }.first
            ?? container["envFrom"].array.lazy.compactMap { $0["secretRef"]["name"].string }.first
    }

    /// The Service that an init container named `wait-for-…` names in its command, arguments or environment, while nothing
    /// serves behind it. So trouble of a database holds up what waits for it, as in life.
    func awaitedService(of container: JSONValue) -> String? {
        guard container["name"].string?.hasPrefix("wait-for-") == true else { return nil }
        return silentService(among: container["command"].array + container["args"].array + container["env"].array.map { $0["value"] })
    }

    /// The Service that a variable called `…_SERVICE` of a container names, while nothing serves behind it: such a container comes to a
    /// bad end, as the test of a store without pods does.
    func silentService(askedBy container: JSONValue) -> String? {
        silentService(among: container["env"].array.filter { $0["name"].string?.hasSuffix("_SERVICE") == true }.map { $0["value"] })
    }

    private func silentService(among texts: [JSONValue]) -> String? {
        let words = Set(
            texts.compactMap(\.string).flatMap { text in
                text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init)
            }
        )
        return cluster.objects.list(.services, namespace: pod.namespace).map(\.name).first { name in
            words.contains(name) && !EndpointsController.hasReady(name, in: pod.namespace, of: cluster)
        }
    }

    private func absent(_ kind: Kind, _ name: String) -> Bool { cluster.objects[ObjectKey(kind, pod.namespace, name)] == nil }
}

extension JSONValue {
    fileprivate func name(or key: String) -> String { self[key].string ?? "" }
}
