package import Cluster
import StoreDomain

extension Diagnosis {
    /// What Helm or Kubernetes said, in words for people. Helm has one exit status for everything; its texts (v3.19, v4.3) are what there is.
    package init(_ error: ClusterError) {
        guard case .helm = error.code else {
            self.init(cause: .cluster, what: error.message.ended, advice: "")
            return
        }
        let text = error.message.lowercased()
        let row = Self.helmTable.first { row in row.words.contains { text.contains($0) } }
        self.init(
            cause: row?.cause ?? .helm,
            what: "Helm says: \(error.message.shortened.ended)",
            advice: row?.advice ?? "Mend what it says, then retry."
        )
    }

    private static let helmTable: [(cause: Cause, words: [String], advice: String)] = [
        (
            .helmConflict, ["conflict with", "conflicts with", "invalid ownership metadata", "cannot be imported", "exists and cannot be"],
            "Another hand changed or owns an object of the release: give it back or remove it, then retry."
        ),
        (
            .helmConflict, ["another operation"],
            "Another Helm works on this release; it goes on by itself once that one has ended."
        ),
        (.quota, ["exceeded quota"], "Raise the store's quota or choose a smaller plan, then retry."),
        (.podSecurity, ["violates podsecurity"], "The chart or the namespace's Pod Security level has to change; then retry."),
        (
            .helmForbidden, ["forbidden", "unauthorized"],
            "The worker's account lacks rights in the cluster: compare them with docs, then retry."
        ),
        (
            .helmChart,
            [
                "don't meet the specifications of the schema", "parse error", "execution error at", "chart.yaml", "no matches for kind",
                "field is immutable", "is invalid:",
            ],
            "The chart does not fit this cluster or its values: mend it, then retry."
        ),
    ]
}

extension String {
    /// A conflict names every object of a release.
    fileprivate var shortened: String { plain(atMost: 600) }

    fileprivate var ended: String { hasSuffix(".") ? self : self + "." }
}
