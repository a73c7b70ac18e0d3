package import struct Foundation.Date

/// What the watcher last saw in a store's namespace; the API serves it from PostgreSQL.
package struct NamespaceSnapshot: Sendable, Equatable, Codable {
    package var resources: [ResourceSummary]
    package var events: [StoreEvent]
    package var quotas: QuotaUsage
    /// `nil` where the store did not say: what was known stays.
    package var volumes: [VolumeUsage]?
    /// Desired replicas over Deployments and StatefulSets.
    package var replicas: Int
    /// Ready replicas over Deployments and StatefulSets.
    package var podsRunning: Int
    /// Sum of container restarts.
    package var podRestarts: Int
    /// What the release really runs, e.g. `WooCommerce 10.4.2` (from the chart's appVersion or the image's tag).
    package var engineVersion: String?

    package init(
        resources: [ResourceSummary] = [],
        events: [StoreEvent] = [],
        quotas: QuotaUsage = QuotaUsage(),
        volumes: [VolumeUsage]? = nil,
        replicas: Int = 0,
        podsRunning: Int = 0,
        podRestarts: Int = 0,
        engineVersion: String? = nil
    ) {
        self.resources = resources
        self.events = events
        self.quotas = quotas
        self.volumes = volumes
        self.replicas = replicas
        self.podsRunning = podsRunning
        self.podRestarts = podRestarts
        self.engineVersion = engineVersion
    }
}

/// What an attempt read of the release that it installed.
package struct ReleaseRecord: Sendable, Equatable {
    /// YAML; the values of Secrets are redacted.
    package var manifest: String?
    /// The Secrets in the store's namespace, by name; watchers may not see them.
    package var secrets: [ResourceSummary]

    package init(manifest: String?, secrets: [ResourceSummary]) {
        self.manifest = manifest
        self.secrets = secrets
    }
}

/// One Kubernetes object, as a row for people. `age` is computed from `createdAt` when it is read.
package struct ResourceSummary: Sendable, Equatable, Codable {
    package enum Status: String, Sendable, CaseIterable, Codable {
        case running = "Running"
        case pending = "Pending"
        case error = "Error"
        case bound = "Bound"
        case active = "Active"
    }

    /// `Deployment`, `StatefulSet`, `Service`, `Ingress`, `PVC`, `Secret`, `Pod`, `Job`, …
    package var kind: String
    package var name: String
    package var status: Status
    /// `ready/desired`, e.g. `1/1`; workloads only.
    package var replicas: String?
    package var createdAt: Date

    package init(kind: String, name: String, status: Status, replicas: String? = nil, createdAt: Date) {
        self.kind = kind
        self.name = name
        self.status = status
        self.replicas = replicas
        self.createdAt = createdAt
    }
}

package struct StoreEvent: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case normal = "Normal"
        case warning = "Warning"
        case error = "Error"
    }

    package var timestamp: Date
    package var message: String
    package var kind: Kind

    package init(timestamp: Date, message: String, kind: Kind) {
        self.timestamp = timestamp
        self.message = message
        self.kind = kind
    }
}

/// Kubernetes quantities such as `200m`, `512Mi`, `5Gi`; limits come from the namespace's ResourceQuota, `0` where there is none.
package struct QuotaUsage: Sendable, Equatable, Codable {
    package var cpuUsed: String
    package var cpuLimit: String
    package var memUsed: String
    package var memLimit: String
    package var pvcUsed: String
    package var pvcLimit: String

    package init(
        cpuUsed: String = "0",
        cpuLimit: String = "0",
        memUsed: String = "0",
        memLimit: String = "0",
        pvcUsed: String = "0",
        pvcLimit: String = "0"
    ) {
        self.cpuUsed = cpuUsed
        self.cpuLimit = cpuLimit
        self.memUsed = memUsed
        self.memLimit = memLimit
        self.pvcUsed = pvcUsed
        self.pvcLimit = pvcLimit
    }
}
