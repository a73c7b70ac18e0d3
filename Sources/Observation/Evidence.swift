import Cluster
import Foundation
import StoreDomain

/// What the cluster said when an attempt failed, as it said it: kept with the attempt, bounded in size.
package struct Evidence: Encodable {
    private struct PodEvidence: Encodable {
        let name: String
        let phase: String?
        let reason: String?
        let conditions: [String]
        let containers: [String]
    }

    private let pods: [PodEvidence]
    private let workloads: [String]
    private let volumes: [String: String]
    private let warnings: [String]
    private let namespace: [String]
    private let log: [String]

    /// `log`: the last lines of the container that the diagnosis names.
    package init(_ view: NamespaceView, log: [String]) {
        pods = view.pods.inOrder.prefix(20).map { pod in
            PodEvidence(
                name: pod.name,
                phase: pod.status?.phase,
                reason: pod.status?.reason,
                conditions: (pod.status?.conditions ?? []).filter { $0.status != "True" }.map(Self.line),
                containers: pod.containers.map(Self.line)
            )
        }
        workloads = view.workloads.map { "\($0.name): \($0.ready) of \($0.wanted) ready" }
        volumes = view.claims.mapValues(\.phase)
        warnings = view.events.values.filter(\.isWarning).sorted { $0.at < $1.at }.suffix(30).map {
            "\($0.at.formatted(.iso8601)) \($0.involvedObject?.kind ?? "") \($0.involvedObject?.name ?? "") \($0.reason ?? ""): \($0.message ?? "")"
                .bounded
        }
        namespace = view.namespace?.obstacles.map(\.bounded) ?? []
        self.log = log.suffix(50).map(\.bounded)
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private static func line(_ condition: Condition) -> String {
        "\(condition.type)=\(condition.status) \(condition.reason ?? ""): \(condition.message ?? "")".bounded
    }

    private static func line(_ status: Pod.ContainerStatus) -> String {
        var line = "\(status.name): \(status.restartCount ?? 0) restarts"
        if let waiting = status.state?.waiting { line += ", waiting: \(waiting.reason ?? "") \(waiting.message ?? "")" }
        if let last = status.state?.terminated ?? status.lastState?.terminated {
            line += ", ended: \(last.reason ?? "") with status \(last.exitCode ?? -1)"
        }
        return line.bounded
    }
}

extension String {
    /// No line of evidence needs more.
    fileprivate var bounded: String { plain(atMost: 1_000) }
}
