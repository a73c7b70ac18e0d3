internal import Foundation

/// A column of kubectl's output.
struct TableColumn: Sendable {
    let title: String
    let cell: @Sendable (JSONValue) -> String

    private static let name = TableColumn(title: "Name") { $0.name }
    private static let age = TableColumn(title: "Age") { object in
        guard let made = try? Date(object.metadata["creationTimestamp"].string ?? "", strategy: .iso8601) else { return "<unknown>" }
        return age(Int(Date().timeIntervalSince(made)))
    }

    private static func age(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(max(0, seconds))s"
        case ..<600: seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s"
        case ..<10_800: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }

    private static func count(_ title: String, _ field: String) -> TableColumn {
        TableColumn(title: title) { String($0.status[field].int ?? 0) }
    }

    private static func text(_ title: String, _ path: String...) -> TableColumn {
        TableColumn(title: title) { object in path.reduce(object) { $0[$1] }.string ?? "<none>" }
    }

    private static let ready = TableColumn(title: "Ready") { "\($0.status["readyReplicas"].int ?? 0)/\($0.spec["replicas"].int ?? 0)" }

    static func columns(of kind: Kind) -> [TableColumn] {
        switch kind {
        case .namespaces: [name, text("Status", "status", "phase"), age]
        case .pods:
            [
                name,
                TableColumn(title: "Ready") { pod in
                    "\(pod.status["containerStatuses"].array.count { $0["ready"].bool == true })/\(pod.spec["containers"].array.count)"
                },
                TableColumn(title: "Status", cell: { podStatus($0) }),
                TableColumn(title: "Restarts") { pod in
                    String(pod.status["containerStatuses"].array.reduce(0) { $0 + ($1["restartCount"].int ?? 0) })
                }, age,
            ]
        case .deployments: [name, ready, count("Up-to-date", "updatedReplicas"), count("Available", "availableReplicas"), age]
        case .replicasets:
            [
                name, TableColumn(title: "Desired") { String($0.spec["replicas"].int ?? 0) }, count("Current", "replicas"),
                count("Ready", "readyReplicas"), age,
            ]
        case .statefulsets: [name, ready, age]
        case .jobs:
            [
                name,
                TableColumn(title: "Status") { job in
                    ["Complete", "Failed"].first { job.condition($0)["status"].string == "True" } ?? "Running"
                },
                TableColumn(title: "Completions") { "\($0.status["succeeded"].int ?? 0)/\($0.spec["completions"].int ?? 1)" }, age,
            ]
        case .services:
            [
                name, text("Type", "spec", "type"), text("Cluster-IP", "spec", "clusterIP"),
                TableColumn(title: "External-IP") { $0.status["loadBalancer"]["ingress"][0]["ip"].string ?? "<none>" },
                TableColumn(title: "Port(s)") { service in
                    service.spec["ports"].array.map { "\($0["port"].int ?? 0)/\($0["protocol"].string ?? "TCP")" }.joined(separator: ",")
                }, age,
            ]
        case .ingresses:
            [
                name, text("Class", "spec", "ingressClassName"),
                TableColumn(title: "Hosts") { $0.spec["rules"].array.compactMap { $0["host"].string }.joined(separator: ",") },
                TableColumn(title: "Address") { $0.status["loadBalancer"]["ingress"][0]["ip"].string ?? "" },
                TableColumn(title: "Ports") { $0.spec["tls"].isNull ? "80" : "80, 443" }, age,
            ]
        case .persistentvolumeclaims:
            [
                name, text("Status", "status", "phase"), text("Volume", "spec", "volumeName"),
                text("Capacity", "status", "capacity", "storage"), text("StorageClass", "spec", "storageClassName"), age,
            ]
        case .events:
            [
                TableColumn(title: "Last Seen") { $0["lastTimestamp"].string ?? "" }, text("Type", "type"), text("Reason", "reason"),
                TableColumn(title: "Object") { event in
                    "\((event["involvedObject"]["kind"].string ?? "").lowercased())/\(event["involvedObject"]["name"].string ?? "")"
                }, text("Message", "message"),
            ]
        case .secrets: [name, text("Type", "type"), TableColumn(title: "Data") { String($0["data"].object.count) }, age]
        case .configmaps: [name, TableColumn(title: "Data") { String($0["data"].object.count) }, age]
        case .nodes:
            [name, TableColumn(title: "Status") { _ in "Ready" }, age, TableColumn(title: "Version") { _ in ClusterState.version }]
        default: [name, age]
        }
    }

    private static func podStatus(_ pod: JSONValue) -> String {
        if pod.isTerminating { return "Terminating" }
        for status in pod.status["initContainerStatuses"].array + pod.status["containerStatuses"].array {
            let reason = status["state"]["waiting"]["reason"].string ?? status["state"]["terminated"]["reason"].string
            if let reason, reason != "PodInitializing", status["ready"].bool != true { return reason }
        }
        return pod.status["reason"].string ?? pod.status["phase"].string ?? "Unknown"
    }
}
