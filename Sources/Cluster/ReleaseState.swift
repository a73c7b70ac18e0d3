/// Where a release's last revision is, in Helm's words.
package enum ReleaseState: Sendable, Hashable {
    /// There is no release of that name.
    case absent
    case deployed
    case failed
    case pendingInstall
    case pendingUpgrade
    case pendingRollback
    case uninstalling
    case uninstalled
    case superseded
    /// A word that this version does not know.
    case unknown(String)

    /// `word`: the label `status` of the release's Secret, or `info.status` of `helm status`.
    package init(word: String) {
        self =
            switch word {
            case "deployed": .deployed
            case "failed": .failed
            case "pending-install": .pendingInstall
            case "pending-upgrade": .pendingUpgrade
            case "pending-rollback": .pendingRollback
            case "uninstalling": .uninstalling
            case "uninstalled": .uninstalled
            case "superseded": .superseded
            default: .unknown(word)
            }
    }
}

/// A release's last revision, read from the Secret in which Helm keeps it.
package struct Release: Sendable, Equatable {
    package let state: ReleaseState
    /// From 1; 0 when absent.
    package let revision: Int
    /// What the worker wrote beside it: the digest of chart and values.
    package let digest: String?

    package init(state: ReleaseState, revision: Int, digest: String?) {
        self.state = state
        self.revision = revision
        self.digest = digest
    }

    package static let absent = Release(state: .absent, revision: 0, digest: nil)
}
