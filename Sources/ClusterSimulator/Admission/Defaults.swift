/// The server-side defaults that Helm, kubectl and the controllers rely on; not all that Kubernetes has.
enum Defaults {
    /// - Parameter old: what is replaced; allocated values such as a Service's address are kept from it.
    static func apply(_ kind: Kind, to object: inout JSONValue, in cluster: ClusterState, old: JSONValue? = nil) {
        switch kind {
        case .deployments:
            object.spec.fill("replicas", 1)
            object.spec.fill("strategy", ["type": "RollingUpdate"])
            object.spec["strategy"].fill("type", "RollingUpdate")
            if object.spec["strategy"]["type"].string == "RollingUpdate" {
                object.spec["strategy"]["rollingUpdate"].fill("maxSurge", "25%")
                object.spec["strategy"]["rollingUpdate"].fill("maxUnavailable", "25%")
            } else {
                object.spec["strategy"]["rollingUpdate"] = .null
            }
            object.spec.fill("revisionHistoryLimit", 10)
            object.spec.fill("progressDeadlineSeconds", 600)
            podTemplate(&object)
        case .replicasets:
            object.spec.fill("replicas", 1)
            podTemplate(&object)
        case .statefulsets:
            object.spec.fill("replicas", 1)
            object.spec.fill("podManagementPolicy", "OrderedReady")
            object.spec["updateStrategy"].fill("type", "RollingUpdate")
            object.spec.fill("revisionHistoryLimit", 10)
            object.spec["persistentVolumeClaimRetentionPolicy"].fill("whenDeleted", "Retain")
            object.spec["persistentVolumeClaimRetentionPolicy"].fill("whenScaled", "Retain")
            podTemplate(&object)
        case .daemonsets:
            object.spec["updateStrategy"].fill("type", "RollingUpdate")
            podTemplate(&object)
        case .jobs: job(&object)
        case .cronjobs:
            object.spec.fill("concurrencyPolicy", "Allow")
            object.spec.fill("suspend", false)
        case .pods: pod(&object.spec)
        case .services: service(&object, in: cluster, old: old)
        case .persistentvolumeclaims: claim(&object, in: cluster)
        case .secrets: secret(&object)
        case .ingresses: ingress(&object, in: cluster)
        case .namespaces:
            object.metadata["labels"].fill("kubernetes.io/metadata.name", .string(object.name))
            if old == nil { object.spec["finalizers"] = ["kubernetes"] }
            object.status.fill("phase", "Active")
        default: break
        }
    }

    private static func podTemplate(_ object: inout JSONValue) {
        var spec = object.spec["template"].spec
        guard !spec.isNull else { return }
        pod(&spec)
        object.spec["template"].spec = spec
    }

    private static func pod(_ spec: inout JSONValue) {
        spec.fill("restartPolicy", "Always")
        spec.fill("dnsPolicy", "ClusterFirst")
        spec.fill("schedulerName", "default-scheduler")
        spec.fill("terminationGracePeriodSeconds", 30)
        spec.fill("securityContext", .object([:]))
        for field in ["containers", "initContainers"] where !spec[field].array.isEmpty {
            spec[field] = .array(spec[field].array.map(container))
        }
    }

    private static func container(_ given: JSONValue) -> JSONValue {
        var container = given
        container.fill("imagePullPolicy", (given["image"].string ?? "").hasSuffix(":latest") ? "Always" : "IfNotPresent")
        container.fill("terminationMessagePath", "/dev/termination-log")
        container.fill("terminationMessagePolicy", "File")
        container.fill("resources", .object([:]))
        if !given["ports"].array.isEmpty {
            container["ports"] = .array(
                given["ports"].array.map { port in
                    var port = port
                    port.fill("protocol", "TCP")
                    return port
                }
            )
        }
        for (name, limit) in given["resources"]["limits"].object {
            container["resources"]["requests"].fill(name, limit)
        }
        return container
    }

    private static func job(_ object: inout JSONValue) {
        object.spec.fill("completions", 1)
        object.spec.fill("parallelism", 1)
        object.spec.fill("backoffLimit", 6)
        object.spec.fill("suspend", false)
        object.spec.fill("selector", ["matchLabels": ["batch.kubernetes.io/controller-uid": .string(object.uid)]])
        for (label, value) in [
            ("batch.kubernetes.io/controller-uid", object.uid), ("batch.kubernetes.io/job-name", object.name), ("job-name", object.name),
        ] {
            object.spec["template"].metadata["labels"].fill(label, .string(value))
        }
        podTemplate(&object)
    }

    private static func service(_ object: inout JSONValue, in cluster: ClusterState, old: JSONValue?) {
        object.spec.fill("type", "ClusterIP")
        object.spec.fill("sessionAffinity", "None")
        object.spec.fill("ipFamilyPolicy", "SingleStack")
        object.spec.fill("ipFamilies", ["IPv4"])
        object.spec.fill("internalTrafficPolicy", "Cluster")
        if object.spec["clusterIP"].isNull, object.spec["type"].string != "ExternalName" {
            let number = cluster.newNumber()
            object.spec["clusterIP"] = old?.spec["clusterIP"] ?? "10.43.\((number >> 8) & 255).\(number & 255)"
        }
        object.spec.fill("clusterIPs", [object.spec["clusterIP"]])
        object.spec["ports"] = .array(
            object.spec["ports"].array.map { port in
                var port = port
                port.fill("protocol", "TCP")
                port.fill("targetPort", port["port"])
                return port
            }
        )
        if object.spec["ports"].array.isEmpty { object.spec["ports"] = .null }
        if cluster.objects[ObjectKey(.services, object.namespace, object.name)] == nil { object.status["loadBalancer"] = .object([:]) }
    }

    private static func claim(_ object: inout JSONValue, in cluster: ClusterState) {
        object.spec.fill("volumeMode", "Filesystem")
        let classes = cluster.objects.list(.storageclasses)
        if object.spec["storageClassName"].isNull, let it = classes.first(where: { $0.annotations[ClusterState.defaultClass] == "true" }) {
            object.spec["storageClassName"] = .string(it.name)
        }
        object.status.fill("phase", "Pending")
        if cluster.objects[ObjectKey(.persistentvolumeclaims, object.namespace, object.name)] == nil {
            object.finalizers = Array(Set(object.finalizers + [VolumeController.protection])).sorted()
        }
    }

    private static func secret(_ object: inout JSONValue) {
        for (key, value) in object["stringData"].strings { object["data"][key] = .string(Base64.encode(Array(value.utf8))) }
        object["stringData"] = .null
        object.fill("type", "Opaque")
    }

    private static func ingress(_ object: inout JSONValue, in cluster: ClusterState) {
        if object.metadata["annotations"]["kubernetes.io/ingress.class"].isNull { object.spec.fill("ingressClassName", "traefik") }
        if cluster.objects[ObjectKey(.ingresses, object.namespace, object.name)] == nil { object.status["loadBalancer"] = .object([:]) }
    }
}

extension JSONValue {
    /// Sets a member that is not there.
    mutating func fill(_ key: String, _ value: JSONValue) {
        if self[key].isNull { self[key] = value }
    }
}
