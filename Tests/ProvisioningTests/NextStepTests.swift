import Cluster
import Provisioning
import StoreDomain
import Testing

/// The whole decision table, row by row.
@Suite struct NextStepTests {
    /// In a namespace of ours, toward running.
    private func step(
        _ release: ReleaseState,
        secrets: Bool = true,
        current: Bool = false,
        everReady: Bool = false,
        _ change: (inout AttemptMemory) -> Void = { _ in }
    ) -> Step {
        step(.running, .ours, secrets: secrets, release, current: current, everReady: everReady, change)
    }

    private func step(
        _ desired: DesiredState,
        _ namespace: Observed.Namespace,
        secrets: Bool = true,
        _ release: ReleaseState,
        current: Bool = false,
        everReady: Bool = false,
        _ change: (inout AttemptMemory) -> Void = { _ in }
    ) -> Step {
        var memory = AttemptMemory(everReady: everReady)
        change(&memory)
        let observed = Observed(namespace: namespace, hasSecrets: secrets, release: release, isCurrent: current)
        return nextStep(desired: desired, observed: observed, memory: memory)
    }

    private static let allReleases: [ReleaseState] = [
        .absent, .deployed, .failed, .pendingInstall, .pendingUpgrade, .pendingRollback, .uninstalling, .uninstalled, .superseded,
        .unknown("odd"),
    ]

    @Test("the namespace comes first, whatever the release is said to be", arguments: allReleases) func namespaceFirst(
        release: ReleaseState
    ) {
        #expect(step(.running, .absent, release) == .createNamespace)
        #expect(step(.running, .terminating, release) == .waitUntilNamespaceIsGone)
        #expect(step(.running, .foreign, release) == .relocate)
        #expect(step(.gone, .absent, release) == .done)
        #expect(step(.gone, .foreign, release) == .done)
        #expect(step(.gone, .terminating, release) == .waitUntilNamespaceIsGone)
    }

    @Test("a change makes no new store in place of one whose namespace is gone", arguments: [DesiredState.running, .asleep])
    func lostNamespace(desired: DesiredState) {
        for namespace in [Observed.Namespace.absent, .foreign] {
            guard case .giveUpLost(let reason) = step(desired, namespace, .absent, everReady: true, { $0.isNeverEmpty = true }) else {
                Issue.record("something is made")
                return
            }
            #expect(reason.contains("Nothing was made in its place") && reason.contains("recreate"))
        }
    }

    @Test("what killed Helms leave is repaired before anything else") func interrupted() {
        for secrets in [true, false] {
            #expect(step(.pendingInstall, secrets: secrets) == .uninstall)
            #expect(step(.uninstalling, secrets: secrets) == .uninstall)
            for everReady in [true, false] {
                #expect(step(.pendingUpgrade, secrets: secrets, everReady: everReady) == .unlock)
                #expect(step(.pendingRollback, secrets: secrets, everReady: everReady) == .unlock)
            }
        }
    }

    @Test("secrets come before the chart", arguments: [ReleaseState.absent, .uninstalled, .deployed, .failed, .superseded])
    func secretsFirst(release: ReleaseState) {
        #expect(step(release, secrets: false) == .createSecrets)
    }

    @Test("what is absent or of another digest is applied; what is as wanted is only verified") func applying() {
        #expect(step(.absent) == .apply)
        #expect(step(.uninstalled) == .apply)
        #expect(step(.superseded) == .apply)
        #expect(step(.deployed) == .apply)
        #expect(step(.deployed, current: true) == .verify)
        #expect(step(.deployed, current: true) { $0.wantsApply = true } == .apply)
    }

    @Test("a store that does not serve is started anew once in an attempt, after what is to be applied") func restarting() {
        for everReady in [false, true] {
            let unserved: (inout AttemptMemory) -> Void = { $0.isUnserved = true }
            #expect(step(.deployed, current: true, everReady: everReady, unserved) == .restart)
            #expect(step(.deployed, current: false, everReady: everReady, unserved) == .apply)
            let applied = step(.deployed, current: true, everReady: everReady) {
                $0.isUnserved = true
                $0.wantsApply = true
            }
            #expect(applied == .apply)
            let restarted = step(.deployed, current: true, everReady: everReady) {
                $0.isUnserved = true
                $0.hasRestarted = true
            }
            #expect(restarted == .verify)
        }
    }

    @Test("a failed release that was never ready is applied again, and made anew only after Helm said so, once") func failedBeforeReady() {
        #expect(step(.failed) == .apply)
        #expect(step(.failed) { $0.needsReinstall = true } == .uninstall)
        let again = step(.failed) {
            $0.needsReinstall = true
            $0.hasUninstalled = true
        }
        #expect(again == .apply)
    }

    @Test("a store that was ever ready is never reinstalled from nothing") func failedAfterReady() {
        #expect(step(.failed, everReady: true) == .apply)
        for release in [ReleaseState.failed, .deployed, .superseded, .absent] {
            #expect(step(release, everReady: true) { $0.needsReinstall = true } != .uninstall)
        }
    }

    @Test("a release in an unknown state is left alone, with the state in the message") func unknown() {
        guard case .giveUp(let message) = step(.unknown("odd")) else {
            Issue.record("it was touched")
            return
        }
        #expect(message.contains("odd"))
    }

    @Test("what is to sleep is brought there as what is to run is", arguments: allReleases) func asleep(release: ReleaseState) {
        for (secrets, current) in [(true, true), (true, false), (false, false)] {
            for namespace in Observed.Namespace.allCases {
                #expect(
                    step(.asleep, namespace, secrets: secrets, release, current: current, everReady: true)
                        == step(.running, namespace, secrets: secrets, release, current: current, everReady: true)
                )
            }
        }
    }

    @Test("removal uninstalls once, then takes the namespace with whatever is left", arguments: allReleases) func removal(
        release: ReleaseState
    ) {
        let isAbsent = release == .absent || release == .uninstalled
        #expect(step(.gone, .ours, release) == (isAbsent ? .deleteNamespace : .uninstall))
        #expect(step(.gone, .ours, release) { $0.hasUninstalled = true } == .deleteNamespace)
        // Whether there are secrets says nothing about what is to go.
        #expect(step(.gone, .ours, secrets: false, release) == step(.gone, .ours, release))
    }
}
