package import Cluster
import StoreDomain

extension Diagnosis {
    /// What Helm or Kubernetes said, in words for people.
    package init(_ error: ClusterError) {
        let said = error.message.plain(atMost: 600).ended
        guard let (cause, advice) = error.meaning.flatMap(Self.meaning) else {
            guard case .helm = error.code else {
                self.init(cause: .cluster, what: said, advice: "")
                return
            }
            self.init(cause: .helm, what: "Helm says: \(said)", advice: "Repair what it says, then retry.")
            return
        }
        let isHelm = if case .helm = error.code { true } else { false }
        let told = isHelm ? "Helm says: \(said)" : "Kubernetes says: \(said)"
        self.init(cause: cause, what: Self.conflicts(in: error).map { "\($0) \(told)" } ?? told, advice: advice)
    }

    /// Which fields another hand has set, and whose it is.
    package static func conflicts(in error: ClusterError) -> String? {
        guard error.meaning == .fieldConflict else { return nil }
        let conflicts = FieldConflict.all(in: error.message)
        if conflicts.isEmpty { return nil }
        return conflicts.map {
            "\($0.manager.plain(atMost: 100)) has set \($0.fields.joined(separator: ", ").plain(atMost: 300)), which Helm is to set."
        }
        .prefix(5).joined(separator: " ")
    }

    /// `nil` for what the next attempt sees otherwise.
    private static func meaning(_ meaning: FailureMeaning) -> (cause: Cause, advice: String)? {
        switch meaning {
        case .fieldConflict:
            (
                .helmConflict,
                "Undo that change and retry, or retry with taking the field over: Helm then sets it as the chart has it."
            )
        case .foreignObject: (.helmConflict, "Another hand owns an object of the release's name: give it back or remove it, then retry.")
        case .operationInProgress: (.helmConflict, "Another Helm works on this release; it goes on by itself once that one has ended.")
        case .volumeNotResizable:
            (
                .helmChart,
                "The volume keeps its size: its storage class does not let it grow, or it would have to shrink. Change the size back, then retry."
            )
        case .immutable: (.helmChart, "The cluster lets nobody change that in place: change the chart or its values, then retry.")
        case .quota: (.quota, "Raise the store's quota or choose a smaller plan, then retry.")
        case .podSecurity: (.podSecurity, "The chart or the namespace's Pod Security level has to change; then retry.")
        case .limitRange: (.limitRange, "Change the namespace's LimitRange or choose another plan, then retry.")
        case .admission: (.podRefused, "An admission rule of the cluster is in the way; change it or the chart, then retry.")
        case .forbidden: (.helmForbidden, "The worker's account lacks rights in the cluster: compare them with docs, then retry.")
        case .chart: (.helmChart, "The chart does not fit this cluster or its values: repair it, then retry.")
        case .rateLimited: (.cluster, "The cluster or a registry asks for fewer requests (429): wait a while, then retry.")
        case .terminating, .unavailable: nil
        }
    }
}

extension String {
    fileprivate var ended: String { hasSuffix(".") || hasSuffix("…") ? self : self + "." }
}
