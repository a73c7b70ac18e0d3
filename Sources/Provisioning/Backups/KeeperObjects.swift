import Cluster
import StoreDomain

/// A task's objects in the cluster: a Job, and what it owns. With the Job goes the rest.
struct KeeperObjects {
    static let component = "keeper"

    let task: KeeperTask
    let store: Store
    let place: KeeperPlace
    let settings: KeeperSettings
    /// Of the store's chart: how its pods find names.
    let dns: JSON
    /// What the quota of the store's chart has room for.
    let room: KeeperRoom

    var labels: [String: JSON] { StoreSecrets.labels(of: store).merging([StoreLabels.component: .string(Self.component)]) { $1 } }

    /// It begins when it is no longer suspended: when all that its pod needs is there.
    func job(by fence: Fence) -> JSON {
        [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": [
                "name": .string(task.name), "labels": .object(labels),
                "annotations": [StoreLabels.attempt: .string(fence.description)],
            ],
            "spec": [
                "suspend": true, "backoffLimit": .integer(0), "ttlSecondsAfterFinished": .integer(3_600),
                "activeDeadlineSeconds": .integer(settings.timeLimit.components.seconds),
                "template": ["metadata": ["labels": .object(labels)], "spec": podSpec],
            ],
        ]
    }

    /// The keys to the repository, and who may talk to whom while the task runs.
    func belongings(of job: ObjectIdentity, password: SecretText?) -> [(collection: String, object: JSON)] {
        let owner: JSON = [
            "apiVersion": "batch/v1", "kind": "Job", "name": .string(job.name), "uid": .string(job.uid), "blockOwnerDeletion": false,
        ]
        func metadata(_ name: String) -> JSON { ["name": .string(name), "labels": .object(labels), "ownerReferences": [owner]] }
        func policy(_ name: String, _ spec: JSON) -> (String, JSON) {
            ("networkpolicies", ["apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata(name), "spec": spec])
        }
        let keeper: JSON = ["matchLabels": .object(labels)]
        let database: JSON = [
            "matchLabels": [StoreLabels.storeID: .string(store.id.rawValue), StoreLabels.component: "database"]
        ]
        let port: JSON = [["port": .integer(place.databasePort), "protocol": "TCP"]]
        var files: [String: JSON] = [:]
        if let password { files["password"] = .string(password.value) }
        for (file, folder, right) in task.folders {
            guard let token = settings.token(folder, right) else { continue }
            files[file] = .string(settings.vault.address(of: folder, token: token).value)
        }
        let databaseEgress: [JSON] = task.kind.usesStore ? [["to": [["podSelector": database]], "ports": port]] : []
        var belongings = [
            (
                "secrets",
                [
                    "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata(task.name),
                    "stringData": .object(files),
                ]
            ),
            policy(
                task.name,
                [
                    "podSelector": keeper, "policyTypes": ["Ingress", "Egress"],
                    "egress": .array(databaseEgress + [nameService] + (task.folders.isEmpty ? [] : [settings.vault.egressRule])),
                ]
            ),
        ]
        guard task.kind.usesStore else { return belongings }
        belongings.append(
            policy(
                task.name + "-database",
                [
                    "podSelector": database, "policyTypes": ["Ingress"],
                    "ingress": [["from": [["podSelector": keeper]], "ports": port]],
                ]
            )
        )
        return belongings
    }

    private var nameService: JSON {
        let namespace = dns["namespace"].string ?? "kube-system"
        let pods: JSON = [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(namespace)]],
            "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
        ]
        let addresses = dns["cidrs"].items.map { JSON.object(["ipBlock": ["cidr": $0]]) }
        return [
            "to": .array([pods] + addresses),
            "ports": [["port": .integer(53), "protocol": "UDP"], ["port": .integer(53), "protocol": "TCP"]],
        ]
    }

    private var podSpec: JSON {
        let user = place.filesUser
        var spec: [String: JSON] = [
            "restartPolicy": "Never", "automountServiceAccountToken": false, "enableServiceLinks": false,
            "terminationGracePeriodSeconds": .integer(5),
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": .integer(user), "runAsGroup": .integer(user), "fsGroup": .integer(user),
                "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "initContainers": [
                container("prepare", image: settings.image, command: ["store-keeper", "prepare"], limits: ("100m", "64Mi"))
            ],
            "volumes": .array(volumes),
        ]
        var containers = [
            container(
                "keeper",
                image: settings.image,
                command: ["store-keeper", "run"],
                limits: room.keeper,
                storage: "256Mi",
                mounts: mounts(keys: true)
            )
        ]
        if task.kind.usesStore {
            containers.insert(
                container(
                    "database",
                    image: place.databaseImage,
                    command: ["/bin/sh", "/task/bin/database"],
                    user: place.databaseUser,
                    limits: room.database,
                    mounts: [mount("task", "/task"), mount("tmp", "/tmp"), mount("database", "/run/secrets/store", isReadOnly: true)]
                ),
                at: 0
            )
        }
        spec["containers"] = .array(containers)
        for (key, value) in place.scheduling { spec[key] = value }
        // A volume that one node alone may mount is where the app's pod is.
        if place.appRuns, uploads != nil {
            let app: JSON = ["matchLabels": [StoreLabels.storeID: .string(store.id.rawValue), StoreLabels.component: "app"]]
            let term: JSON = ["labelSelector": app, "topologyKey": "kubernetes.io/hostname"]
            spec["affinity"] = ["podAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]
        }
        return .object(spec)
    }

    private var volumes: [JSON] {
        var volumes: [JSON] = [
            // Pipes and marks: no data. restic has some packs and its cache in /tmp.
            ["name": "task", "emptyDir": ["sizeLimit": "16Mi"]],
            ["name": "tmp", "emptyDir": ["sizeLimit": "192Mi"]],
            ["name": "keys", "secret": ["secretName": .string(task.name), "defaultMode": .integer(0o440)]],
        ]
        if task.kind.usesStore {
            let key = place.passwordKey
            volumes.append([
                "name": "database",
                "secret": [
                    "secretName": .string(place.databaseSecret), "defaultMode": .integer(0o440),
                    "items": [["key": .string(key), "path": .string(key)]],
                ],
            ])
        }
        if let (claim, isReadOnly) = uploads {
            volumes.append([
                "name": "uploads", "persistentVolumeClaim": ["claimName": .string(claim), "readOnly": .bool(isReadOnly)],
            ])
        }
        return volumes
    }

    /// `nil`: the task has nothing to do with them, or the store has none.
    private var uploads: (claim: String, isReadOnly: Bool)? {
        guard task.kind.usesUploads, let claim = place.uploadsClaim else { return nil }
        return (claim, task.kind == .backup)
    }

    private func mounts(keys: Bool) -> [JSON] {
        var mounts = [mount("task", "/task"), mount("tmp", "/tmp")]
        if keys { mounts.append(mount("keys", "/run/secrets/keeper", isReadOnly: true)) }
        if keys, let (_, isReadOnly) = uploads { mounts.append(mount("uploads", "/uploads", isReadOnly: isReadOnly)) }
        return mounts
    }

    private func mount(_ name: String, _ path: String, isReadOnly: Bool = false) -> JSON {
        isReadOnly
            ? ["name": .string(name), "mountPath": .string(path), "readOnly": true] : ["name": .string(name), "mountPath": .string(path)]
    }

    private func container(
        _ name: String,
        image: String,
        command: [String],
        user: Int64? = nil,
        limits: (cpu: String, memory: String),
        storage: String = "128Mi",
        mounts: [JSON]? = nil
    ) -> JSON {
        var security: [String: JSON] = [
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
        ]
        if let user { security["runAsUser"] = .integer(user) }
        let told = [
            ("KEEPER_ENGINE", store.engine.rawValue), ("KEEPER_DATABASE_HOST", place.databaseHost),
            ("KEEPER_TIMEOUT", String(min(60, settings.startLimit.components.seconds))),
        ]
        let environment = (task.environment + told).map { JSON.object(["name": .string($0.0), "value": .string($0.1)]) }
        return [
            "name": .string(name), "image": .string(image), "imagePullPolicy": "IfNotPresent",
            "command": .array(command.map(JSON.string)), "env": .array(environment),
            "resources": [
                "requests": ["cpu": "50m", "memory": "64Mi", "ephemeral-storage": "16Mi"],
                "limits": ["cpu": .string(limits.cpu), "memory": .string(limits.memory), "ephemeral-storage": .string(storage)],
            ],
            "securityContext": .object(security),
            "volumeMounts": .array(mounts ?? self.mounts(keys: false)),
        ]
    }
}

/// How much a task's two containers may take beside the store's own pods.
struct KeeperRoom {
    let database: (cpu: String, memory: String)
    let keeper: (cpu: String, memory: String)

    /// The quotas of charts before 1.2.0 know of no tasks, and have this much to spare.
    init(in version: ChartVersion?) {
        let knowsTasks = if let version, let first = ChartVersion("1.2.0") { version >= first } else { false }
        database = knowsTasks ? ("250m", "256Mi") : ("150m", "128Mi")
        keeper = knowsTasks ? ("500m", "512Mi") : ("350m", "384Mi")
    }
}
