package import Cluster
package import StoreDomain

/// What is true of a store's namespace and release now.
package struct Observed: Sendable, Equatable {
    package enum Namespace: Sendable, Equatable, CaseIterable {
        case absent
        /// Has our label and this store's id.
        case ours
        case terminating
        /// Exists without our label or for another store.
        case foreign
    }

    package var namespace: Namespace
    /// The namespace's identity; set when it is `ours`.
    package var namespaceUID: String?
    /// Whether the worker may work in it; always, where nobody is to grant that.
    package var isAccessible: Bool
    /// All of them, with this store's label.
    package var hasSecrets: Bool
    /// Secrets that are gone, while volumes of the store are there which were made with what they held.
    package var lostSecrets: [String]
    package var release: ReleaseState
    /// The Secret with the release's newest record, by name and identity.
    package var record: ObjectIdentity?
    /// Whether the release was made of the same chart and values that are wanted.
    package var isCurrent: Bool

    package init(
        namespace: Namespace,
        namespaceUID: String? = nil,
        isAccessible: Bool = true,
        hasSecrets: Bool = false,
        lostSecrets: [String] = [],
        release: ReleaseState = .absent,
        record: ObjectIdentity? = nil,
        isCurrent: Bool = false
    ) {
        self.namespace = namespace
        self.namespaceUID = namespaceUID
        self.isAccessible = isAccessible
        self.hasSecrets = hasSecrets
        self.lostSecrets = lostSecrets
        self.release = release
        self.record = record
        self.isCurrent = isCurrent
    }
}

/// One object and no other of its name.
package struct ObjectIdentity: Sendable, Equatable {
    package var name: String
    package var uid: String

    package init(name: String, uid: String) {
        self.name = name
        self.uid = uid
    }
}

/// What this attempt already knows beside what it sees.
package struct AttemptMemory: Sendable, Equatable {
    /// Whether the store was ever ready: then it is never reinstalled from nothing.
    package var everReady: Bool
    /// A change of a store that serves: what fails is taken back.
    package var isChange = false
    /// The store has sold, and nobody asked for an empty one in place of what is lost.
    package var isNeverEmpty = false
    package var hasUninstalled = false
    /// A person asked again: the chart is applied anew, whatever the release is said to be; by hand much can be changed in it.
    package var wantsApply = false
    /// Helm said that an object cannot be changed or is not the release's.
    package var needsReinstall = false
    /// All pods are well, and yet the store did not serve for as long as is borne.
    package var isUnserved = false
    /// The app's pods were restarted for that.
    package var hasRestarted = false
    /// A changed app found no room beside its predecessor, which goes first therefore.
    package var replacesFirst = false

    package init(everReady: Bool) { self.everReady = everReady }
}

package enum Step: Sendable, Equatable {
    case createNamespace
    /// It is terminating: nothing can be created in it, and nothing need be deleted.
    case waitUntilNamespaceIsGone
    case relocate
    /// The worker grants itself the rights that it needs in the namespace.
    case grantAccess
    case createSecrets
    /// `helm upgrade --install`.
    case apply
    /// Removes the record that a killed Helm left locked, so that the release can be applied.
    case unlock
    /// `helm uninstall --wait`.
    case uninstall
    case deleteNamespace
    /// The release is as wanted: wait until the store answers.
    case verify
    /// The app's pods get successors, whose set-up runs again.
    case restart
    case done
    case giveUp(String)
    /// What the store had is gone, and nothing is made in its place.
    case giveUpLost(String)
}

extension Step {
    /// Of a step that Helm takes.
    var helmCommand: String? {
        switch self {
        case .apply: "upgrade"
        case .uninstall: "uninstall"
        default: nil
        }
    }
}

/// The decision table: pure and exhaustive. Reasons stand in docs/ARCHITECTURE.md.
package func nextStep(desired: DesiredState, observed: Observed, memory: AttemptMemory) -> Step {
    switch desired {
    // What is shut, closed or sleeps is a release as any other, with other values.
    case .running, .shut, .closed, .asleep: stepTowardRelease(observed, memory)
    case .gone: stepTowardGone(observed, memory)
    }
}

private func stepTowardRelease(_ observed: Observed, _ memory: AttemptMemory) -> Step {
    switch observed.namespace {
    case .absent where memory.isNeverEmpty: return .giveUpLost(lostNamespace)
    case .absent: return .createNamespace
    case .terminating: return .waitUntilNamespaceIsGone
    case .foreign where memory.isNeverEmpty: return .giveUpLost(lostNamespace)
    case .foreign: return .relocate
    case .ours where !observed.isAccessible: return .grantAccess
    case .ours: break
    }
    switch observed.release {
    // Killed Helms leave these; nothing else can be done with the release before they are repaired.
    case .pendingInstall, .uninstalling: return .uninstall
    // Never back: the database may have been migrated already.
    case .pendingUpgrade, .pendingRollback: return .unlock
    case .unknown(let word): return .giveUp("The release is in a state that this version does not know: \(word).")
    case .absent, .uninstalled, .deployed, .failed, .superseded: break
    }
    guard observed.lostSecrets.isEmpty else { return .giveUp(lost(observed.lostSecrets)) }
    guard observed.hasSecrets else { return .createSecrets }
    switch observed.release {
    case .deployed where !observed.isCurrent || memory.wantsApply: return .apply
    case .deployed: return memory.isUnserved && !memory.hasRestarted ? .restart : .verify
    case .failed: return !memory.everReady && memory.needsReinstall && !memory.hasUninstalled ? .uninstall : .apply
    case .absent, .uninstalled, .superseded: return .apply
    case .pendingInstall, .uninstalling, .pendingUpgrade, .pendingRollback, .unknown: return .giveUp("unreachable")
    }
}

/// An empty store in place of one that sold would be no change of it.
private let lostNamespace = """
    The store's namespace is gone, and with it what the store had. Nothing was made in its place. Restore a backup; or recreate the \
    store, empty; or delete it.
    """

/// New passwords would lock the store out of a database that knows the old ones.
private func lost(_ secrets: [String]) -> String {
    """
    The Secret \(secrets.joined(separator: " and ")) is gone, and the store's volumes still hold what was made with its passwords. Nothing was \
    changed. Put the Secret back, or restore a backup, and retry; or delete the store and create it anew, empty.
    """
}

private func stepTowardGone(_ observed: Observed, _ memory: AttemptMemory) -> Step {
    switch observed.namespace {
    // Somebody else's namespace is not ours to delete: of this store there is nothing.
    case .absent, .foreign: return .done
    case .terminating: return .waitUntilNamespaceIsGone
    case .ours where !observed.isAccessible: return .grantAccess
    case .ours: break
    }
    switch observed.release {
    case .absent, .uninstalled: return .deleteNamespace
    // A release that cannot be uninstalled goes with its namespace.
    case .deployed, .failed, .superseded, .pendingInstall, .pendingUpgrade, .pendingRollback, .uninstalling, .unknown:
        return memory.hasUninstalled ? .deleteNamespace : .uninstall
    }
}
