extension Kind {
    /// What discovery tells about a kind.
    struct Facts {
        let name: String
        var shortNames: [String] = []
        var isClusterWide = false
        var hasStatus = false
        var isInAll = false
    }

    var facts: Facts {
        switch self {
        case .namespaces: Facts(name: "Namespace", shortNames: ["ns"], isClusterWide: true, hasStatus: true)
        case .nodes: Facts(name: "Node", shortNames: ["no"], isClusterWide: true, hasStatus: true)
        case .persistentvolumes: Facts(name: "PersistentVolume", shortNames: ["pv"], isClusterWide: true, hasStatus: true)
        case .ingressclasses: Facts(name: "IngressClass", isClusterWide: true)
        case .clusterroles: Facts(name: "ClusterRole", isClusterWide: true)
        case .clusterrolebindings: Facts(name: "ClusterRoleBinding", isClusterWide: true)
        case .storageclasses: Facts(name: "StorageClass", shortNames: ["sc"], isClusterWide: true)
        case .pods: Facts(name: "Pod", shortNames: ["po"], hasStatus: true, isInAll: true)
        case .services: Facts(name: "Service", shortNames: ["svc"], hasStatus: true, isInAll: true)
        case .endpoints: Facts(name: "Endpoints", shortNames: ["ep"])
        case .configmaps: Facts(name: "ConfigMap", shortNames: ["cm"])
        case .secrets: Facts(name: "Secret")
        case .events: Facts(name: "Event", shortNames: ["ev"])
        case .persistentvolumeclaims: Facts(name: "PersistentVolumeClaim", shortNames: ["pvc"], hasStatus: true)
        case .resourcequotas: Facts(name: "ResourceQuota", shortNames: ["quota"], hasStatus: true)
        case .limitranges: Facts(name: "LimitRange", shortNames: ["limits"])
        case .serviceaccounts: Facts(name: "ServiceAccount", shortNames: ["sa"])
        case .deployments: Facts(name: "Deployment", shortNames: ["deploy"], hasStatus: true, isInAll: true)
        case .replicasets: Facts(name: "ReplicaSet", shortNames: ["rs"], hasStatus: true, isInAll: true)
        case .statefulsets: Facts(name: "StatefulSet", shortNames: ["sts"], hasStatus: true, isInAll: true)
        case .daemonsets: Facts(name: "DaemonSet", shortNames: ["ds"], hasStatus: true, isInAll: true)
        case .jobs: Facts(name: "Job", hasStatus: true, isInAll: true)
        case .cronjobs: Facts(name: "CronJob", shortNames: ["cj"], hasStatus: true, isInAll: true)
        case .ingresses: Facts(name: "Ingress", shortNames: ["ing"], hasStatus: true)
        case .networkpolicies: Facts(name: "NetworkPolicy", shortNames: ["netpol"])
        case .poddisruptionbudgets: Facts(name: "PodDisruptionBudget", shortNames: ["pdb"], hasStatus: true)
        case .roles: Facts(name: "Role")
        case .rolebindings: Facts(name: "RoleBinding")
        case .horizontalpodautoscalers:
            Facts(name: "HorizontalPodAutoscaler", shortNames: ["hpa"], hasStatus: true, isInAll: true)
        }
    }

    /// Kinds with a specification whose changes count as generations.
    var hasGeneration: Bool {
        switch self {
        case .deployments, .replicasets, .statefulsets, .daemonsets, .jobs, .cronjobs, .ingresses, .networkpolicies,
            .poddisruptionbudgets, .ingressclasses:
            true
        default: false
        }
    }
}
